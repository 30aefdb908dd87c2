/** Trials of two projects with the same tag stand side by side: `run` is the run's own key, as in the ledger. */
export const projects = {
  number: 6,
  name: 'trials by run',
  sql: `
    alter table ralph.trials add column run text not null default '';
    alter table ralph.trials drop constraint trials_pkey;
    alter table ralph.trials add primary key (run, tag, trial);
  `,
};
