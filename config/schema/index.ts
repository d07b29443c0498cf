import Type from 'typebox'
import { administrationSettings } from './administration.ts'
import { filesSettings } from './files.ts'
import { messagesSettings } from './messages.ts'
import { operationsSettings } from './operations.ts'
import { papersSettings } from './papers.ts'
import { partiesSettings } from './parties.ts'
import { serverSettings } from './server.ts'
import { storeSettings } from './store.ts'
import { tokensSettings } from './tokens.ts'

/**
 * Every setting of the hub, once: the type, the check, `.env.example` and docs/configuration.md all
 * come from this schema (`npm run docs`).
 */
export const settingsSchema = Type.Object({
  ...serverSettings,
  ...storeSettings,
  ...tokensSettings,
  ...partiesSettings,
  ...messagesSettings,
  ...administrationSettings,
  ...papersSettings,
  ...filesSettings,
  ...operationsSettings,
})
