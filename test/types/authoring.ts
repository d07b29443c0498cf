/**
 * What the compiler tells the author of a connector. `npm run check` compiles this file: where an expected error
 * stops being one, it fails.
 */
import { apiKey, codeList, defineConnector, envelope, field, input, service } from '../../core/connector.ts'

const base = { name: '查询', kind: 'list', audience: 'person', identity: 'real-name' } as const
const fields = { month: field.month('月份'), bills: field.list('账单', { amount: field.money('金额') }), until: field.until('有效期至') }

const bills = service({
  ...base,
  id: 'bills',
  inputs: {
    month: input.text('月份', { field: 'month' }),
    range: input.period('期间', { field: 'bills.amount' }),
    free: input.flag('自由'),
    days: input.list('日期', input.date('日期'), { field: 'month' }),
  },
  fields,
  upstream: { path: 'x', method: 'DELETE', headers: { 'X-Month': { input: 'month' }, 'X-Name': { fact: 'person.name' } } },
}).via({
  request: ({ month, free, days, range }, params) => {
    const text: string | undefined = month
    const flag: boolean | undefined = free
    const list: string[] | undefined = days
    // @ts-expect-error: a period is no text
    const wrong: string | undefined = range
    return { ...params, text, flag, list, wrong }
  },
  map: (row) => {
    const until: { until: string | null; name: string } | null = row.until
    // @ts-expect-error: no such field
    const nothing = row.nothing
    return { ...row, until, nothing }
  },
})

// @ts-expect-error: narrows no field of the service
service({ ...base, id: 'a', inputs: { month: input.text('月份', { field: 'year' }) }, fields })

// @ts-expect-error: narrows no column of the list
service({ ...base, id: 'a', inputs: { range: input.period('期间', { field: 'bills.day' }) }, fields })

// @ts-expect-error: stands in a header, but is no input
service({ ...base, id: 'a', inputs: {}, fields, upstream: { headers: { 'X-Month': { input: 'month' } } } })

// @ts-expect-error: no such verified fact
service({ ...base, id: 'a', inputs: {}, fields, upstream: { headers: { 'X-Month': { fact: 'person.age' } } } })

// @ts-expect-error: no such verb
service({ ...base, id: 'a', inputs: {}, fields, upstream: { method: 'PATCH' } })

// @ts-expect-error: the key is no field
service({ ...base, id: 'a', key: 'year', inputs: { year: input.integer('年') }, fields })

// @ts-expect-error: no such unit
field.money('金额', { unit: 'jiao' })

const submission = { serial: 'lsh', pollSeconds: 1, maxAttempts: 1 } as const
const filed = { ...base, kind: 'submit', id: 'a', inputs: {}, fields: { number: field.text('编号') } } as const
// @ts-expect-error: the reference is no field
service({ ...filed, submission: { ...submission, reference: 'serial', progress: [] } })

// @ts-expect-error: progress reads no field
service({ ...filed, submission: { ...submission, reference: 'number', progress: [{ state: 'approved', when: { state: ['1'] } }] } })

const system = { dialect: apiKey(), envelope: envelope.rest(), subject: {}, dateFormat: 'dd/MM/yyyy', maxConcurrent: 1 }
const elsewhere = service({ ...base, id: 'elsewhere', inputs: {}, fields, upstream: { system: 'second' } })
const sound = { id: 'water', name: '水务', agency: '水务公司', upstream: system, sandbox: { bills: () => [] } } as const

defineConnector({ ...sound, services: [bills], health: { service: 'bills', intervalSeconds: 60 } })
defineConnector({
  ...sound,
  services: [bills, elsewhere],
  systems: { second: system },
  health: { service: 'elsewhere', intervalSeconds: 60 },
})
defineConnector({
  ...sound,
  owner: { name: '水务公司信息科', contact: '0374-0000000' },
  documentation: 'https://water.example/api',
  defaults: { timeoutMs: 5000, rate: { max: 60, perSeconds: 60 }, method: 'GET', retry: { attempts: 1 } },
  services: [bills],
  health: { service: 'bills', intervalSeconds: 60 },
})

// @ts-expect-error: health asks no service of the connector
defineConnector({ ...sound, services: [bills], health: { service: 'bill', intervalSeconds: 60 } })

// @ts-expect-error: sandbox rows for no service
defineConnector({ ...sound, services: [bills], health: { service: 'bills', intervalSeconds: 60 }, sandbox: { bill: () => [] } })

// @ts-expect-error: the service's system is not there
defineConnector({ ...sound, services: [bills, elsewhere], systems: { third: system }, health: { service: 'bills', intervalSeconds: 60 } })

// @ts-expect-error: a connector without a name
defineConnector({
  id: 'x',
  agency: 'x',
  upstream: system,
  sandbox: {},
  services: [bills],
  health: { service: 'bills', intervalSeconds: 60 },
})

// @ts-expect-error: no such part of an envelope
envelope.rest({ codes: ['code'] })

// @ts-expect-error: choices come from a list of codes or from a service
input.choice('馆', { service: 'branches' })
input.choice('馆', codeList('test', { '01': '总馆' }))
