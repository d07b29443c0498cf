import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'

export interface TusAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** One request of the tus protocol over the wire. */
export function tus(
  base: string,
  method: string,
  path: string,
  { token, headers = {}, body }: { token: string; headers?: Record<string, string | number>; body?: Buffer },
): Promise<TusAnswer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      `${base}${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'tus-resumable': '1.0.0',
          ...(body ? { 'content-type': 'application/offset+octet-stream', 'content-length': body.length } : {}),
          ...headers,
        },
      },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (more: string) => {
          text += more
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }))
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

/** Begins to send the rest and ends after `cut` bytes of it: hangs up in order, or as a phone in a tunnel does. */
export function breakOff(
  base: string,
  path: string,
  token: string,
  offset: number,
  rest: Buffer,
  cut: number,
  rude: boolean,
): Promise<void> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      const head = [
        `PATCH ${path} HTTP/1.1`,
        `host: ${hostname}:${port}`,
        `authorization: Bearer ${token}`,
        'tus-resumable: 1.0.0',
        `upload-offset: ${offset}`,
        'content-type: application/offset+octet-stream',
        `content-length: ${rest.length}`,
      ]
      socket.write(`${head.join('\r\n')}\r\n\r\n`)
      socket.write(rest.subarray(0, cut), () => (rude ? socket.resetAndDestroy() : socket.end()))
    })
    socket.on('error', () => undefined)
    // Answered before everything went out: it was refused.
    socket.on('data', () => socket.destroy())
    socket.on('close', () => resolve())
  })
}

export const metadata = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',')
