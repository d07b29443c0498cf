import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** How the gateway behaves: takes, answers with a status, sends elsewhere, says nothing. */
export type Mood = 'ok' | number | 'hang' | `to ${string}`

export interface Parcel {
  id: string
  to: string
  title: string
  text: string
  urgent: boolean
}

export interface Gateway {
  readonly url: string
  mood: Mood
  /** Requests so far, whatever became of them. */
  readonly asked: { parcel: Parcel; headers: IncomingMessage['headers']; body: string }[]
  /** What was taken. */
  readonly taken: Parcel[]
  close(): Promise<void>
}

/** A city's gateway for push messages or texts. */
export async function startGateway(): Promise<Gateway> {
  const gateway: { mood: Mood; asked: Gateway['asked']; taken: Parcel[] } = { mood: 'ok', asked: [], taken: [] }
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const parcel = JSON.parse(body) as Parcel
    gateway.asked.push({ parcel, headers: request.headers, body })
    const { mood } = gateway
    if (mood === 'hang') return
    if (mood === 'ok') gateway.taken.push(parcel)
    if (typeof mood === 'string' && mood.startsWith('to ')) response.writeHead(307, { location: mood.slice(3) })
    else response.writeHead(mood === 'ok' ? 200 : (mood as number))
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(gateway, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** Milliseconds between sweeps that never come: a test does what is due itself. */
export const NEVER = 2_000_000_000
