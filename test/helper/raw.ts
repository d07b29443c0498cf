import { connect } from 'node:net'

/** What comes back over a connection to which these bytes are written, until it ends. */
export function exchangeBytes(port: number, bytes: string | Buffer, from = '127.0.0.1'): Promise<{ text: string; ms: number }> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from })
    const chunks: Buffer[] = []
    socket.on('connect', () => socket.write(bytes))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve({ text: Buffer.concat(chunks).toString('utf8'), ms: performance.now() - start }))
  })
}

/** Status, headers and JSON of such an answer. */
export function readAnswer(text: string): { status: number; type: string; body: Record<string, unknown> } {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  const type = /^content-type: ([^;\r\n]+)/im.exec(head)?.[1] ?? ''
  return { status: Number(head.split(' ')[1]), type, body: body === '' ? {} : (JSON.parse(body) as Record<string, unknown>) }
}
