import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { generateCliReference } from '../cli/reference.ts'
import { listSettings } from '../config/settings.ts'
import { errorTable } from '../core/base/errors.ts'
import { generateReadmes } from './agencies.ts'
import { generateAgencyGuide } from './agency-guide.ts'
import { contractReference } from './contract.ts'
import { generateDirections } from './rooms.ts'
import { generateShapes } from './shapes.ts'

/**
 * Writes what follows from the code: settings, errors, commands, the contract, agencies, directions of imports, the
 * options and words of a declaration. `npm run docs` writes
 * it; a test compares, so that none can go stale.
 */
export async function generateDocuments(): Promise<Record<string, string>> {
  return {
    '.env.example': environmentExample(),
    'docs/cli.md': `${NOTE}\n\n${await generateCliReference()}`,
    'docs/configuration.md': configuration(),
    'docs/contract.md': `${NOTE}\n\n${contractReference()}`,
    'docs/errors.md': errors(),
    ...(await generateReadmes()),
    ...generateAgencyGuide(root),
    ...generateDirections(root),
    ...generateShapes(),
  }
}

const root = new URL('../', import.meta.url)
const NOTE = '<!-- Written by `npm run docs`; change the code, not this file. -->'

function environmentExample(): string {
  const blocks = listSettings().map(
    ({ name, default: value, description, secret }) => `# ${description}${secret ? ' (secret)' : ''}\n#${name}=${value}`,
  )
  return `# Every setting of the hub with its default. Copy to .env and uncomment what you change.\n\n${blocks.join('\n\n')}\n`
}

function configuration(): string {
  const rows = listSettings().map(
    ({ name, default: value, description, secret }) =>
      `| \`${name}\` | ${value === '' ? '' : `\`${value}\``} | ${description.replaceAll('|', '\\|')}${secret ? ' **(secret)**' : ''} |`,
  )
  return `${NOTE}

# Configuration

Settings come from the environment and from a file \`.env\` in the working directory. A mistake stops
the start with a list of everything that is wrong.

| setting | default | meaning |
|---|---|---|
${rows.join('\n')}

## Connectors

\`CONNECTORS_FILE\` names a JSON file with what agencies hand out, by connector id:

\`\`\`json
{
  "housing-fund": {
    "enabled": true,
    "baseUrl": "https://gateway.example",
    "credentials": { "requesterId": "…", "appKey": "…" },
    "sids": { "personal-account": "s_1700000000000_0001" },
    "rates": { "personal-account": { "max": 30, "perSeconds": 60 } }
  },
  "real-estate": {
    "systems": {
      "wechat": { "baseUrl": "https://wechat.example", "credentials": { "clientId": "…", "clientSecret": "…" } }
    }
  }
}
\`\`\`

Everything is optional. Without \`baseUrl\` and \`credentials\` a connector on the exchange platform takes
\`EXCHANGE_*\`; without an entry in \`sids\` a service's id at the platform is \`<connector id>.<service id>\`. \`rates\` replaces, by
service, how often one user may call it, \`maxConcurrent\` how many calls may be under way at once; \`credentialsExpire\` is the
last day on which the credentials are good (YYYY-MM-DD), of which \`/admin/health\` warns a month before. \`systems\` gives
the address, the credentials with their last day, and \`maxConcurrent\` of a connector's further systems,
by the names in its declaration. \`oauthBaseUrl\` is the agency's authorization server and \`pagesBaseUrl\` its pages
([jumps.md](jumps.md)), where they are elsewhere than at \`baseUrl\`; \`oauthClient\` is its platform's id as a client of the hub, where that is another
than \`agency-<connector>\`; \`payment\` holds the merchants of the channels
([payments.md](payments.md#channels)). \`enabled: false\` leaves a connector out. \`traceparent: true\` sends the caller's trace along ([monitoring.md](monitoring.md)).
`
}

function errors(): string {
  const rows = Object.entries(errorTable).map(([code, [status, title, detail]]) => `| \`${code}\` | ${status} | ${title} | ${detail} |`)
  return `${NOTE}

# Errors

Every error is an RFC 9457 \`application/problem+json\` document. \`type\` is \`/problems/<code>\`, which the hub
serves; codes are stable and never reused. \`traceId\` finds the audit row.

| code | status | title | detail |
|---|---|---|---|
${rows.join('\n')}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await generateDocuments())) {
    const file = new URL(path, root)
    const before = read(file)
    writeFileSync(file, text)
    console.log(`${before === text ? 'unchanged' : 'written'} ${path}`)
  }
}

function read(file: URL): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
