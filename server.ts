import { resolve } from 'node:path'
import { buildApp } from './app.ts'
import { readSettings, type Settings } from './config/settings.ts'
import { SettingsError } from './config/settings-error.ts'
import { isNoPlace, troubleOf } from './config/trouble.ts'
import { SchemaError } from './migrations/index.ts'
import { DeclarationError } from './plugins/declarations/check.ts'
import { leave } from './plugins/draining.ts'
import { KeyError } from './plugins/operations/key-check.ts'

/** Where it listens, or whether it ends because it cannot listen there. */
export type Told = { address: string } | { noPlace: boolean }

/**
 * Starts the hub and stops it in good order: not ready any more, then no new calls, then the answers and the jobs under way, then
 * the audit chain, then the store. A second signal ends it at once.
 */
async function start(settings: Settings): Promise<void> {
  const app = await buildApp({ settings })
  const end = (signal: NodeJS.Signals) =>
    void leave(app, signal).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  process.once('SIGTERM', end).once('SIGINT', end)
  // A promise that nobody waits for ends here as well (Node: --unhandled-rejections=throw).
  process.on('uncaughtException', (error) => {
    if (app.strayErrors.take(error)) return
    app.log.fatal({ err: error }, 'nobody caught this')
    console.error(error)
    process.exit(1)
  })

  const address = await app.listen({ host: settings.HOST, port: settings.PORT })
  if (app.sandbox) console.log(welcome(address, settings))
  tell({ address })
}

function welcome(address: string, { DATA_DIR }: Settings): string {
  // The other terminal does not know of a folder that this one was given: a token of another folder's issuer is refused.
  const folder = DATA_DIR === '.data' ? '' : `DATA_DIR=${quoted(resolve(DATA_DIR))} `
  return `
许昌市政务服务集成中枢（沙箱）已启动：${address}
办事大厅 ${address}/hall   接口文档 ${address}/docs   服务目录 ${address}/v1/catalog   健康状况 ${address}/health

在另一个终端里试一次（公积金个人账户）：

  curl -s -H "Authorization: Bearer $(${folder}npm run --silent hub -- token --person 1 --face)" ${address}/v1/housing-fund/personal-account
`
}

/** To `hub dev`, where it started this process. */
function tell(word: Told, then: () => void = () => undefined): void {
  if (process.send) process.send(word, undefined, undefined, then)
  else then()
}

/** A word of the shell, whatever is in it. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

let settings: Settings | undefined
try {
  settings = readSettings()
  await start(settings)
} catch (error) {
  // What an operator can mend is for him to read, without a stack.
  const known = [SettingsError, DeclarationError, KeyError, SchemaError].some((kind) => error instanceof kind)
  console.error(known ? (error as Error).message : ((settings && troubleOf(error, settings)) ?? error))
  tell({ noPlace: isNoPlace(error) }, () => process.exit(1))
}
