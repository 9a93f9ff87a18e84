// Who may import whom. Every comment says what to do instead.
// test/ may import anything, dev/ anything but test/; nothing else imports them.
// test/dev/import-rules.test.ts has an import for each rule that breaks it.
// The parser can't tell a type import, so "types only" (of the contract, of workflows) is a rule of .oxlintrc.json.

/** What of workflows/conversation/ connects the core to the shell or runs in it; everything else there is the core. */
const glue = 'conversation/(decider|outcomes|perform|workflow)\\.ts$';
const core = `^workflows/(?!${glue})conversation/`;
const shell = `^workflows/(actor/|${glue})`;
const production = '^(workflows|activities|api|worker|adapters|courier|process|store)/';
const temporal = 'node_modules/@temporalio/';
/** The one place of adapters/ from which a call goes out. */
const network = '^adapters/exchange\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files import each other, perhaps by way of others. Move what both need into a third file.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      comment: 'This import leads nowhere. Write the file ending (.ts), or add the package to package.json.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'core-imports-nothing',
      severity: 'error',
      comment:
        'The pure core runs in workflows, in offline audits and in rebuilds, so it imports nothing outside itself: no package, no Node, ' +
        'no other folder. Pass what you need as an argument (time is `now`), or move the code out of the core.',
      from: { path: core },
      to: { pathNot: core },
    },
    {
      name: 'actor-shell-knows-no-chats',
      severity: 'error',
      comment:
        'workflows/actor/ is generic. Let the conversation hand in what the shell needs, as an argument of the shell.',
      from: { path: '^workflows/actor/' },
      to: { path: '^workflows/(?!actor/)' },
    },
    {
      name: 'workflow-code-is-deterministic',
      severity: 'error',
      comment:
        'Workflow code may import workflows/, @temporalio/workflow and types of activities/contract. Everything else belongs into an ' +
        'activity: add it there and declare it in activities/contract.ts. (A package also costs memory in every cached workflow.)',
      from: { path: shell },
      to: { pathNot: ['^workflows/', `${temporal}workflow/`, '^activities/contract\\.ts$'] },
    },
    {
      name: 'activities-use-core-adapters-store',
      severity: 'error',
      comment:
        'Activities may import the core, adapters/, store/ and the types of a recording (actor/record). If an activity needs code of ' +
        'api/, courier/ or worker/, that code is in the wrong folder: move it to adapters/ (outside systems) or store/ (SQL).',
      from: { path: '^activities/' },
      to: { path: ['^(api|courier|worker)/', shell], pathNot: '^workflows/actor/record\\.ts$' },
    },
    {
      name: 'api-never-reaches-activities-or-worker',
      severity: 'error',
      comment:
        'The API reads store/ and hands commands to courier/. Work that must survive a crash is pending work of the actor: declare it there.',
      from: { path: '^api/' },
      to: { path: '^(activities|worker)/' },
    },
    {
      name: 'api-sees-only-the-core-of-workflows',
      severity: 'error',
      comment:
        'Import the types from the core (workflows/conversation/…), and talk to a running actor through courier/.',
      from: { path: '^api/' },
      to: { path: shell },
    },
    {
      name: 'api-uses-the-pure-parts-of-adapters',
      severity: 'error',
      comment:
        'The API verifies, parses and renders; it calls nobody. Only api/main.ts hands the registries in. Take what you need from a pure file ' +
        '(settings, parse, render …) or from the registry in ApiDependencies; what has to be sent is pending work of the actor.',
      from: { path: '^api/', pathNot: '^api/main\\.ts$' },
      to: { path: network, reachable: true },
    },
    {
      name: 'adapters-stand-alone',
      severity: 'error',
      comment:
        'Adapters know outside systems only. Return a value, and let the activity or the route that called you store it or decide.',
      from: { path: '^adapters/' },
      to: { path: ['^(workflows|activities|api|courier|process|store|worker)/', temporal] },
    },
    {
      name: 'networks-do-not-know-each-other',
      severity: 'error',
      comment:
        'A network is one folder that can be taken out. Move what two of them need to a file of adapters/ itself (json, signatures, words …).',
      from: { path: '^adapters/(channels|bots|desks)/([^/]+)/' },
      to: { path: '^adapters/(channels|bots|desks)/', pathNot: '^adapters/$1/$2/' },
    },
    {
      name: 'adapters-call-by-one-door',
      severity: 'error',
      comment:
        'Calls go out through adapters/exchange.ts, which signs, limits and classifies them. (The contract names a type of undici only.)',
      from: { path: '^adapters/', pathNot: [network, '^adapters/contract/call\\.ts$'] },
      to: { path: ['node_modules/undici/', '^(node:)?(http|https|http2|net|tls|dgram)$'] },
    },
    {
      name: 'store-stands-alone',
      severity: 'error',
      comment: 'The store knows Postgres and the core only. Let the caller combine it with adapters, Temporal or HTTP.',
      from: { path: '^store/' },
      to: { path: ['^(activities|adapters|api|courier|process|worker)/', shell, temporal] },
    },
    {
      name: 'process-stands-alone',
      severity: 'error',
      comment:
        'process/ is what every process of ours is run with: its settings, and what it may say of failures. Hand in what it needs.',
      from: { path: '^process/' },
      to: { path: ['^(workflows|activities|adapters|api|courier|store|worker)/', temporal] },
    },
    {
      name: 'courier-uses-core-and-store',
      severity: 'error',
      comment:
        'The courier moves stored inputs to actors. It may import store/, the core, the wire names, and types of workflows.',
      from: { path: '^courier/' },
      to: { path: ['^(activities|adapters|api|worker)/', shell] },
    },
    {
      name: 'worker-is-not-the-api',
      severity: 'error',
      comment: 'API and worker are processes of their own. Move what both need to store/, courier/ or the core.',
      from: { path: '^worker/' },
      to: { path: '^api/' },
    },
    {
      name: 'worker-reaches-workflows-by-path',
      severity: 'error',
      comment:
        'Workflow code runs in the bundle only: hand its path to the bundler. The worker may import the core, and types of a recording (actor/record).',
      from: { path: '^worker/' },
      to: { path: shell, pathNot: '^workflows/actor/record\\.ts$' },
    },
    {
      name: 'worker-hands-adapters-on',
      severity: 'error',
      comment: 'The worker gives the registries to the activities. Whatever talks to an outside system is an activity.',
      from: { path: '^worker/' },
      to: { path: '^adapters/', pathNot: '^adapters/[^/]+/registry\\.ts$' },
    },
    {
      name: 'only-the-courier-has-a-temporal-client',
      severity: 'error',
      comment: 'Add a function to courier/ that does what you need, and call that.',
      from: { path: production, pathNot: '^courier/' },
      to: { path: `${temporal}client/` },
    },
    {
      name: 'only-the-store-has-sql',
      severity: 'error',
      comment: 'Add a function to store/ (one statement per function), and call that.',
      from: { path: production, pathNot: '^store/' },
      to: { path: 'node_modules/(pg|kysely|node-pg-migrate)/' },
    },
    {
      name: 'production-imports-no-dev-or-test',
      severity: 'error',
      comment: 'dev/ and test/ are not shipped. Move what production needs to the folder that it is about.',
      from: { path: production },
      to: { path: '^(dev|test)/' },
    },
    {
      name: 'dev-imports-no-test',
      severity: 'error',
      comment:
        'What runs on a laptop or writes our pages needs no test. Move what both need to dev/, from where tests import it.',
      from: { path: '^dev/' },
      to: { path: '^test/' },
    },
    {
      name: 'only-the-api-serves-with-fastify',
      severity: 'error',
      comment: 'HTTP in is the API. Make it a route there, and hand what it needs to store/ or courier/.',
      from: { path: production, pathNot: '^api/' },
      to: { path: 'node_modules/(fastify|@fastify|fastify-type-provider-zod)/' },
    },
    {
      name: 'production-imports-no-dev-dependency',
      severity: 'error',
      comment:
        'The package is in devDependencies, which production does not install. Move it to dependencies, or do without.',
      from: { path: production },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm'] },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.baton|dist|coverage)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
