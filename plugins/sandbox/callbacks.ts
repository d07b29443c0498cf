import { setTimeout as delay } from 'node:timers/promises'
import { systemKey, systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { keyIdOf, keyOf, type SigningForm, timeOf } from '../../core/dialects/signing-form.ts'
import { createDigest, hashBody, stringToSign } from '../../core/dialects/signing-string.ts'
import { fillTemplates, writeNonce, writeTime } from '../../core/dialects/signing-values.ts'
import { readSm2PrivateKey } from '../../core/dialects/sm2-keys.ts'
import type { Simulation } from '../kinds/simulation.ts'
import { inventCredentials } from './dialects/signed-string.ts'
import { createNotifier, type OutgoingNotice } from './notices.ts'

/** What may be wrong with a notice, for tests. */
export interface CallbackChanges {
  /** When it was signed, in epoch milliseconds. */
  at?: number
  nonce?: string
  /** Signed with a key of nobody's, or of another system's. */
  forged?: true
  as?: string
  unsigned?: true
  /** The body was changed after it was signed: in its spaces, or in what it says. */
  reserialised?: true
  swapped?: string
}

/** Numbers of a filing: the hub's own, and the agency's. */
type Names = Parameters<NonNullable<Simulation['notify']>>[1]

/** Notices of the sandbox's agencies, for each system that declares how it sends them. */
export interface Callbacks {
  /** What the hub verifies them with, by the names that the connector declares; empty for a system that sends none. */
  credentialsOf(system: string): Readonly<Record<string, string>>
  /** A notice as the agency would send it now, or otherwise; its address is a path of the hub's. */
  make(system: string, names: Names, changes?: CallbackChanges): OutgoingNotice
  /** Sends one where the hub listens. → whether it was taken. */
  send(system: string, names: Names, changes?: CallbackChanges): Promise<boolean>
  notify: NonNullable<Simulation['notify']>
}

interface Agency {
  form: SigningForm & { serial?: string; reference?: string }
  own: Readonly<Record<string, string>>
}

/** `hubAddress`: where the hub listens; null while it doesn't. */
export function createCallbacks(
  connectors: readonly ConnectorDeclaration[],
  signal: AbortSignal,
  hubAddress: () => string | null,
): Callbacks {
  const notifier = createNotifier(signal)
  const agencies = new Map<string, Agency>(
    connectors.flatMap((connector) =>
      systemsOf(connector).flatMap(([key, , { callback }]) => {
        const form = callback?.options as Agency['form'] | undefined
        return form ? [[key, { form, own: inventCredentials(form) }] as const] : []
      }),
    ),
  )

  function agencyOf(system: string): Agency {
    const agency = agencies.get(system)
    if (!agency) throw new RangeError(`${system} sends no notices`)
    return agency
  }

  function make(system: string, names: Names, changes: CallbackChanges = {}): OutgoingNotice {
    const { form, own } = agencyOf(system)
    const { at = Date.now(), nonce = writeNonce(form.nonce), forged, as, unsigned, reserialised, swapped } = changes
    const signing = as === undefined ? { form, own } : agencyOf(as)
    const key = forged ? inventCredentials(form)[keyOf(form).name] : signing.own[keyOf(signing.form).name]
    const path = `/v1/callbacks/${system}`
    const host = new URL(hubAddress() ?? 'http://127.0.0.1').host
    // As agencies do, it says more than is signed for: the hub takes none of it for true.
    const write = (number: string) =>
      JSON.stringify(nest(form.serial ?? form.reference ?? '', number, { ywzt: '99', sm: '办理状态已变化' }))
    const number = form.serial === undefined ? names.reference : names.serial
    const body = write(number)
    const values: Record<string, string> = {
      ...own,
      keyId: own[keyIdOf(form).name] ?? '',
      key: key ?? '',
      time: writeTime(at, timeOf(form).format),
      nonce,
      bodyHash: hashBody(form, body),
    }
    const queryOf = () => new URLSearchParams(fillTemplates(form.place.query, values)).toString()
    const headersOf = () => ({ 'content-type': 'application/json', host, ...lower(fillTemplates(form.place.headers, values)) })
    const wire = { method: 'POST', host, path, query: queryOf(), headers: headersOf(), body }
    if (!unsigned) values['signature'] = createDigest(form, values['key'] ?? '').of(stringToSign(form, wire, values))
    const query = queryOf()
    return {
      url: path + (query === '' ? '' : `?${query}`),
      headers: headersOf(),
      body: swapped !== undefined ? write(swapped) : reserialised ? `${body} ` : body,
    }
  }

  /** → the notice on its way to where the hub listens. */
  function addressed(notice: OutgoingNotice, origin: string): OutgoingNotice {
    const { host: _, ...headers } = notice.headers
    return { ...notice, headers, url: origin + notice.url }
  }

  return {
    credentialsOf(system) {
      const agency = agencies.get(system)
      if (!agency) return {}
      const { form, own } = agency
      const name = keyOf(form).name
      // Of a pair of keys the hub is given the public one.
      const shown = 'sm2' in form.digest ? readSm2PrivateKey(own[name] ?? '').publicKey.bytes.toString('hex') : own[name]
      return { ...own, [name]: shown ?? '' }
    },
    make,
    async send(system, names, changes) {
      const origin = hubAddress()
      return origin !== null && notifier.send(addressed(make(system, names, changes), origin))
    },
    notify({ connector, contract }, names, afterMs) {
      const system = systemKey(connector.id, contract.upstream?.system)
      if (!agencies.has(system)) return
      delay(afterMs, undefined, { signal, ref: false })
        .then(() => {
          const origin = hubAddress()
          return origin === null ? undefined : notifier.repeat(() => addressed(make(system, names), origin))
        })
        // The sandbox is closed.
        .catch(() => undefined)
    },
  }
}

function nest(path: string, value: string, beside: object): object {
  const [first = '', ...rest] = path.split('.')
  return rest.length === 0 ? { ...beside, [first]: value } : { ...beside, [first]: nest(rest.join('.'), value, {}) }
}

function lower(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
