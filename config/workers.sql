-- Roles for workers and islands on other machines, and one user of each. Run it once as a superuser, or as a user who may create roles:
--   psql "$DATABASE_URL" -v password="'a long one'" -f config/workers.sql
-- A run gives the roles their rights when it opens the queue. Workers take and answer jobs, read candidates and frozen train and selection windows; islands
-- read the briefs of their sessions and write what these say. Neither reads bars, results or the ledger. One user may serve any number of
-- machines; make one a machine where you want to close them one by one.
do $$
begin
  if not exists (select from pg_roles where rolname = 'ralph_worker') then
    create role ralph_worker nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'ralph_island') then
    create role ralph_island nologin;
  end if;
end $$;
create user ralph_worker_1 password :password in role ralph_worker;
create user ralph_island_1 password :password in role ralph_island;
