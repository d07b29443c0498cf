import t from 'tap'
import { bgForm } from '../../../core/dialects/bg-hmac.ts'
import { defaultRefusal, isRefusal } from '../../../core/dialects/exchange-reply.ts'
import { hmacNonceForm } from '../../../core/dialects/hmac-nonce.ts'
import { signingDialect } from '../../../core/dialects/signed-string.ts'
import { barePartsOf, keyOf, placesOf, type SigningForm, timeOf } from '../../../core/dialects/signing-form.ts'
import { tifForm } from '../../../core/dialects/tif.ts'
import type { DialectDeclaration, Outgoing, SignedRequest, SignerContext } from '../../../core/upstream/dialect.ts'
import { createSignedStringSimulator } from '../../../plugins/sandbox/dialects/signed-string.ts'
import type { Received } from '../../../plugins/sandbox/dialects/simulator.ts'
import { librarySignature } from '../../helper/library-signature.ts'
import { signingForms } from '../../helper/signing-forms.ts'

// Every trial follows from the declaration: what a form covers cannot be changed on the way, what it doesn't can.
const origin = 'http://127.0.0.1:4010'
const forms: Record<string, SigningForm> = {
  library: librarySignature.options as SigningForm,
  ...Object.fromEntries(
    Object.entries(signingForms).map(([name, dialect]: [string, DialectDeclaration]) => [name, dialect.options as SigningForm]),
  ),
  'bg-hmac': bgForm(),
  tif: tifForm(),
  'hmac-nonce': hmacNonceForm({ carriers: ['query', 'body'] }),
}

const calls: Outgoing[] = [
  { sid: 'demo.loans', method: 'POST', params: { zjhm: '410000000000000000', xm: '贾 明', a: '&=+%' } },
  { sid: 'demo.loans', method: 'GET', params: { b: '2', a1: 'x', a: '贾 明' } },
]

/** As the agency receives it. */
function receive({ method, path, headers, body }: SignedRequest): Received {
  const [bare = '', query = ''] = path.split('?', 2)
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return { method, path: bare, query, headers: { host: '127.0.0.1:4010', ...Object.fromEntries(named) }, body: body ?? '' }
}

for (const [name, form] of Object.entries(forms)) {
  t.test(name, async (t) => {
    const agency = createSignedStringSimulator(() => form)
    const signer = (credentials: Readonly<Record<string, string>>) =>
      signingDialect(name, form).createSigner({ baseUrl: `${origin}/base`, credentials } as unknown as SignerContext)
    const own = signer(agency.credentials)
    const { now } = Date
    t.afterEach(() => {
      Date.now = now
    })

    const isAdmitted = (request: Received) => 'params' in agency.admit(request, {}, new Map())
    const places = placesOf(form)
    const bare = barePartsOf(form)
    const signs = (...values: string[]) =>
      bare.some((part) => (typeof part === 'string' ? values.includes(part) : Object.keys(part).some((key) => values.includes(key))))

    for (const call of calls) {
      const fresh = async () => receive(await own.sign(call))

      t.test(`${call.method} as signed, and again`, async (t) => {
        const request = await fresh()
        t.ok(isAdmitted(request))
        t.equal(isAdmitted(request), !signs('nonce'), 'a nonce serves once')
        t.ok(isAdmitted(await fresh()))
      })

      t.test(`${call.method} in time and out of it`, async (t) => {
        const { skewSeconds } = timeOf(form)
        for (const [seconds, expected] of [
          [skewSeconds - 2, true],
          [-(skewSeconds - 2), true],
          [skewSeconds + 2, false],
          [-(skewSeconds + 2), false],
        ] as const) {
          Date.now = () => now() + seconds * 1000
          const request = await fresh()
          Date.now = now
          t.equal(isAdmitted(request), expected, `${seconds} s`)
        }
      })

      t.test(`${call.method} changed on the way`, async (t) => {
        const changes: [string, (request: Received) => Received, covered: boolean][] = [
          ['method', (request) => ({ ...request, method: call.method === 'GET' ? 'PUT' : 'PATCH' }), signs('method')],
          ['path', (request) => ({ ...request, path: `${request.path}/x` }), signs('path')],
          ['query', (request) => ({ ...request, query: `${request.query}&zz=1` }), signs('query')],
          ['host', (request) => ({ ...request, headers: { ...request.headers, host: 'other.example' } }), signs('host')],
        ]
        if (call.method === 'POST') {
          const body = (request: Received) => ({ ...request, body: request.body.replace(/zjhm("?.)/, 'other$1') })
          changes.push([
            'body',
            body,
            signs('body', 'bodyHash') || bare.some((part) => typeof part === 'object' && 'header' in part && part.header === 'Content-SM3'),
          ])
        }
        for (const [what, change, covered] of changes) {
          // Where values travel among a GET's parameters, another method hides them.
          const hides = what === 'method' && call.method === 'GET' && places.some(({ where }) => where === 'body')
          t.equal(isAdmitted(change(await fresh())), !covered && !hides, what)
        }
        for (const { where, name } of places) {
          const spoilt = (text: string) => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`
          const request = await fresh()
          const header = name.toLowerCase()
          if (where === 'headers')
            t.notOk(isAdmitted({ ...request, headers: { ...request.headers, [header]: spoilt(String(request.headers[header])) } }), name)
          if (where === 'headers') t.notOk(isAdmitted({ ...request, headers: { ...request.headers, [header]: undefined } }), `no ${name}`)
          if (where === 'query' || (where === 'body' && call.method === 'GET')) {
            const search = new URLSearchParams(request.query)
            search.delete(name)
            t.notOk(isAdmitted({ ...request, query: String(search) }), `no ${name} in the query string`)
          }
        }
      })

      t.test(`${call.method} with a wrong key`, async (t) => {
        const key = keyOf(form).name
        const wrong = 'sm2' in form.digest ? '3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8' : 'wrong'
        for (const name of Object.keys(agency.credentials)) {
          const other = signer({ ...agency.credentials, [name]: name === key ? wrong : 'somebody-else' })
          t.notOk(isAdmitted(receive(await other.sign(call))), name)
        }
      })

      t.test(`${call.method} refused as declared`, async (t) => {
        for (const spoil of [(request: Received) => ({ ...request, headers: {}, query: '', body: '' }), (request: Received) => request]) {
          const answer = agency.admit(spoil(await fresh()), {}, new Map([['clock-skew', { kind: 'clock-skew', sid: '*' }]]) as never)
          if (!('json' in answer)) return t.fail('admitted')
          const reply = { status: answer.status, contentType: 'application/json', body: Buffer.from(JSON.stringify(answer.json)) }
          t.ok(isRefusal(reply, { ...defaultRefusal, ...form.refusal }), JSON.stringify(answer))
          t.equal(answer.status, form.refusal?.codes ? 200 : 401)
        }
      })
    }
  })
}
