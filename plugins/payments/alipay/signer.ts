import { randomUUID } from 'node:crypto'
import type { AlipayMerchant } from '../../../config/payments.ts'
import type { Outgoing, SignedRequest, Signer } from '../../../core/upstream/dialect.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { assertAnswered } from '../../../core/upstream/upstream.ts'
import { readPrivateKey, readPublicKey, signRsa } from '../rsa.ts'
import { isOwnAnswer, requestText } from './signature.ts'

/** Statuses of answers that say something of the order: of what it is, or that there is none. */
const ANSWERS = new Set([200, 400, 404])

/** Alipay's v3 interface (standards §5.2): requests signed by the application, answers by Alipay. */
export function createAlipaySigner({ applicationId, privateKey, publicKey }: AlipayMerchant): Signer {
  const own = readPrivateKey(privateKey)
  const theirs = readPublicKey(publicKey)

  async function sign({ method, path = '', params }: Outgoing): Promise<SignedRequest> {
    const isGet = method === 'GET'
    const query = isGet ? new URLSearchParams(params as Record<string, string>).toString() : ''
    const url = query === '' ? path : `${path}?${query}`
    const body = isGet ? '' : JSON.stringify(params)
    const members = `app_id=${applicationId},nonce=${randomUUID()},timestamp=${Date.now()}`
    const signature = await signRsa(own, requestText(members, method, url, body))
    return {
      method,
      path: url,
      headers: {
        authorization: `ALIPAY-SHA256withRSA ${members},sign=${signature}`,
        accept: 'application/json',
        ...(isGet ? {} : { 'content-type': 'application/json' }),
      },
      body: isGet ? null : body,
    }
  }

  return {
    sign,
    refused: ({ status }) => status === 401 || status === 403,
    renewals: 0,
    async renew() {},
    opensAll: true,
    open(reply) {
      if (!ANSWERS.has(reply.status)) assertAnswered(reply)
      if (isOwnAnswer(theirs, reply.headers ?? {}, reply.body)) return reply
      throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: reply.status })
    },
    async probe() {},
  }
}
