import { type AddressInfo, createServer, type Socket } from 'node:net'

/** The harmless text that every scanner takes for a virus; put together here, so that this file is none. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE', '!$H+H*'].join('')

export interface Clamd {
  readonly address: string
  /** What it does with the next streams: says what it finds, hangs up, or speaks nonsense. */
  mood: 'well' | 'hangs-up' | 'nonsense'
  /** How many streams it has heard to the end. */
  scanned: number
}

interface Teardown {
  teardown(work: () => Promise<unknown>): void
}

/** A scanner that speaks clamd's INSTREAM and knows one virus. */
export async function startClamd(t: Teardown): Promise<Clamd> {
  const clamd: Clamd = { address: '', mood: 'well', scanned: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    let held = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      held = Buffer.concat([held, bytes])
      const content = read(held)
      if (content === null) return
      clamd.scanned++
      if (clamd.mood === 'hangs-up') return socket.destroy()
      if (clamd.mood === 'nonsense') return socket.end('stream: size limit exceeded. ERROR\0')
      socket.end(`stream: ${content.includes(EICAR) ? 'Eicar-Test-Signature FOUND' : 'OK'}\0`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return Object.assign(clamd, { address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

const COMMAND = Buffer.from('zINSTREAM\0')

/** → what was sent, once it is whole. */
function read(held: Buffer): Buffer | null {
  const parts: Buffer[] = []
  for (let at = COMMAND.length; at + 4 <= held.length; ) {
    const length = held.readUInt32BE(at)
    if (length === 0) return Buffer.concat(parts)
    if (at + 4 + length > held.length) return null
    parts.push(held.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return null
}
