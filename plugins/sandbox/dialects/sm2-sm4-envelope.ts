import { createECDH, randomBytes } from 'node:crypto'
import iconv from 'iconv-lite'
import { openMessage, sealMessage } from '../../../core/dialects/sealed-message.ts'
import { readSm2PublicKey, type Sm2PrivateKey } from '../../../core/dialects/sm2-keys.ts'
import { messageForm, type Sm2Sm4Options } from '../../../core/dialects/sm2-sm4-envelope.ts'
import { parseBody } from '../body.ts'
import type { Active } from '../faults.ts'
import { createReplayGuard } from './replay-guard.ts'
import { type Admitted, type Answer, isDistrustful, isInTime, type Received, type Simulator } from './simulator.ts'

const LIMIT_MS = 300_000

export function createSm2Sm4Simulator(): Simulator<Sm2Sm4Options> {
  const agency = once(newKey)
  const hub = once(newKey)
  const appId = 'sandbox-app'
  const isNew = createReplayGuard(LIMIT_MS)

  function admit(request: Received, options: Sm2Sm4Options, faults: Active): Admitted | Answer {
    const form = messageForm(options)
    const unitMs = options.timeUnit === 's' ? 1000 : 1
    const message = parseBody(request.body)
    const [timestamp, nonce] = [message[form.names.timestamp], String(message[form.names.nonce] ?? '')]
    if (message[form.names.appId] !== appId) return refuse('签名错误：应用不存在')
    if (!isInTime(Number(timestamp) * unitMs, LIMIT_MS, faults)) return refuse('请求时间超出允许范围')
    const text = isDistrustful(faults) ? null : openOrNull(message, form)
    if (text === null) return refuse('验签失败')
    if (!isNew(nonce)) return refuse('随机数重复')

    function seal(body: string, active: Active): string {
      const bytes = active.has('gbk') || active.has('gbk-undeclared') ? iconv.encode(body, 'gbk') : Buffer.from(body)
      const head = {
        timestamp: String(Math.floor(Date.now() / unitMs)),
        nonce: options.echoesNonce === false ? randomBytes(16).toString('hex') : nonce,
      }
      return JSON.stringify(sealMessage(bytes, head, agency(), hub().publicKey, form))
    }
    const params = parseBody(text.toString('utf8'))
    return options.replies === 'plain' ? { params } : { params, seal }
  }

  function openOrNull(message: Readonly<Record<string, unknown>>, form: ReturnType<typeof messageForm>): Buffer | null {
    try {
      return openMessage(message, agency(), hub().publicKey, form)
    } catch {
      return null
    }
  }

  return {
    credentials: {
      appId,
      get privateKey() {
        return hub().hex
      },
      get agencyPublicKey() {
        return agency().publicKey.bytes.toString('hex')
      },
    },
    postOnly: true,
    serviceOf: ({ body }, options) => String(parseBody(body)[messageForm(options).names.service] ?? ''),
    admit,
  }
}

/** Node's own curve: the hub's, in JavaScript, takes a tenth of a second to begin with, which would hold up the start. */
function newKey(): Sm2PrivateKey {
  const pair = createECDH('SM2')
  const publicKey = readSm2PublicKey(pair.generateKeys('hex'))
  return { hex: pair.getPrivateKey('hex').padStart(64, '0'), publicKey }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function refuse(message: string): Answer {
  return { status: 200, json: { code: '-1', message } }
}
