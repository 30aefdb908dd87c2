-- A role for workers on other machines, and one user of it. Run it once as a superuser, or as a user who may create roles:
--   psql "$DATABASE_URL" -v password="'a long one'" -f config/workers.sql
-- A run gives the role its rights when it opens the queue: take and answer jobs, read candidates and frozen train and selection windows. It reads
-- no bars, no results and no ledger. One user may serve any number of machines; make one a machine where you want to close them one by one.
do $$
begin
  if not exists (select from pg_roles where rolname = 'ralph_worker') then
    create role ralph_worker nologin;
  end if;
end $$;
create user ralph_worker_1 password :password in role ralph_worker;
