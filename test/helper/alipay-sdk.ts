import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What the official SDK is asked. */
export interface AlipayQuestion {
  applicationId: string
  privateKey: string
  publicKey: string
  order: object
  notices: readonly Readonly<Record<string, string>>[]
}

export interface AlipayAnswer {
  /** The order as the SDK signs it, a query string. */
  signed: string
  /** Whether the SDK believes each notice. */
  believed: boolean[]
}

const SCRIPT = `
import { text } from 'node:stream/consumers'
import { AlipaySdk } from 'alipay-sdk'
const { applicationId, privateKey, publicKey, order, notices } = JSON.parse(await text(process.stdin))
const sdk = new AlipaySdk({ appId: applicationId, privateKey, keyType: 'PKCS8', alipayPublicKey: publicKey })
const signed = sdk.sdkExecute('alipay.trade.app.pay', { bizContent: order })
console.log(JSON.stringify({ signed, believed: notices.map((notice) => sdk.checkNotifySignV2(notice)) }))
`

/** Asks the official SDK, in a process of its own: it changes how undici ends its connections. */
export function askAlipaySdk(question: AlipayQuestion): Promise<AlipayAnswer> {
  return new Promise((resolve, reject) => {
    const options = { cwd: fileURLToPath(new URL('../..', import.meta.url)), timeout: 60_000 }
    const child = execFile(process.execPath, ['--input-type=module', '--eval', SCRIPT], options, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout) as AlipayAnswer),
    )
    child.stdin?.end(JSON.stringify(question))
  })
}
