import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as asn1 from 'asn1js'
import * as pki from 'pkijs'
import { encode, signCms } from '../kinds/document/signing/cms.ts'
import type { PadesIdentity } from '../kinds/document/signing/identity.ts'
import { type Office, sandboxIdentity } from '../kinds/document/signing/sandbox-authority.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'
/** Of nobody: an arc for examples (ITU-T X.660). */
const POLICY = '2.999.1'
const MOST_BYTES = 4096

export type TimeStampSimulator = ReturnType<typeof createTimeStampSimulator>

/** A time-stamping authority over HTTP (RFC 3161 §3.4), whose time counts for nothing. `now`: its clock. */
export function createTimeStampSimulator(dataDir: string, now: () => number = Date.now, office: Office = 'time-stamper') {
  let identity: Promise<PadesIdentity> | null = null

  async function answer(query: Buffer): Promise<Buffer> {
    const asked = read(query)
    // 2: rejection; what it asked for cannot be read, or is no hash that is known here.
    if (asked?.messageImprint.hashAlgorithm.algorithmId !== SHA256)
      return replyOf(new pki.TimeStampResp({ status: new pki.PKIStatusInfo({ status: 2 }) }))
    const at = new Date(Math.floor(now() / 1000) * 1000)
    const told = new pki.TSTInfo({
      version: 1,
      policy: POLICY,
      messageImprint: asked.messageImprint,
      serialNumber: new asn1.Integer({ valueHex: Uint8Array.from([1, ...randomBytes(8)]).buffer }),
      genTime: at,
      accuracy: new pki.Accuracy({ seconds: 1 }),
      ...(asked.nonce ? { nonce: asked.nonce } : {}),
    })
    identity ??= sandboxIdentity(dataDir, office)
    const bytes = Buffer.from(told.toSchema().toBER())
    const signed = await signCms(await identity, { type: pki.id_eContentType_TSTInfo, bytes, detached: false })
    const token = pki.ContentInfo.fromBER(Uint8Array.from(encode(signed)))
    return replyOf(new pki.TimeStampResp({ status: new pki.PKIStatusInfo({ status: 0 }), timeStampToken: token }))
  }

  return {
    answer,
    async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = Buffer.concat(parts)
      if (request.headers['content-type'] !== 'application/timestamp-query' || body.length > MOST_BYTES) {
        response.writeHead(415).end()
        return
      }
      response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(await answer(body))
    },
  }
}

function read(query: Buffer): pki.TimeStampReq | null {
  try {
    return pki.TimeStampReq.fromBER(Uint8Array.from(query))
  } catch {
    return null
  }
}

function replyOf(response: pki.TimeStampResp): Buffer {
  return Buffer.from(response.toSchema().toBER())
}
