// Sorts the documents into the four kinds of https://diataxis.fr.

const page = (text, name) => ({ text, link: `/docs/${name}` });

export const sidebar = [
  {
    text: 'Tutorial',
    items: [page('Your first change', 'tutorial'), { text: 'A tour with curl', link: '/README' }],
  },
  {
    text: 'How-to guides',
    items: [
      page('Install', 'installation'),
      page('Upgrade', 'upgrading'),
      page('Use the dashboard', 'dashboard'),
      page('Use a shell or a pipeline', 'command-line'),
      page('Generate a client', 'clients'),
      page('Change a table by a file', 'uploads'),
      page('Move rows to an archive', 'archive'),
      page('Export rows', 'exports'),
      page('Start batches by a schedule', 'schedules'),
      page('Process rows with a program', 'tasks'),
      page('Take a change back', 'undo'),
      page('Let an assistant work', 'assistants'),
      page('Get notified', 'webhooks'),
      page('Connect a database', 'databases'),
      page('Secure the service', 'security'),
      page('Put a proxy in front', 'proxies'),
      page('Run several nodes', 'cluster'),
      page('Operate the service', 'operations'),
    ],
  },
  {
    text: 'Reference',
    items: [
      page('Statements', 'statements'),
      page('Statement scope', 'statement-scope'),
      page('Batches', 'batches'),
      page('Events', 'events'),
      page('Safeguards', 'safeguards'),
      page('Throttles', 'throttles'),
      page('Configuration', 'configuration'),
      { text: 'Changelog', link: '/CHANGELOG' },
    ],
  },
  {
    text: 'Explanation',
    items: [
      page('Architecture', 'architecture'),
      page('Verification and audit', 'verification'),
      page('Performance', 'performance'),
      page('Tests against failure', 'chaos'),
      { text: 'Findings', link: '/findings/README' },
      { text: 'Contributing', link: '/CONTRIBUTING' },
    ],
  },
];
