import { buildApp } from '../app.ts'
import { readSettings } from '../config/settings.ts'
import { householdsOf } from '../connectors/water/sandbox/households.ts'
import { people } from '../plugins/sandbox/people.ts'
import { manyBills, PAYERS } from './order-bills.ts'

/** A hub as `npm start` runs it, with many bills and everybody's household bound. */
const app = await buildApp({ settings: readSettings(), declarations: [manyBills], logger: { level: 'error' } })
await app.ready()
for (const person of PAYERS)
  await app.accounts.store.bind({
    userId: people[person - 1]?.id ?? '',
    connector: manyBills.id,
    externalId: householdsOf(person)[0]?.account ?? '',
    unionId: null,
    level: 'real-name',
    by: 'account-number',
  })
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)))
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
