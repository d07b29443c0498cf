import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { HubError } from '../../../core/base/errors.ts'
import { createAccountStore, externalHash } from '../../../plugins/agency-accounts/store.ts'
import { pairwise } from '../../../plugins/oauth/pairwise.ts'
import { erase } from '../../../plugins/operations/deregister.ts'
import { indexedRows } from '../../../plugins/operations/personal-data.ts'
import { reindex } from '../../../plugins/operations/reindex.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { createSignOnAccounts } from '../../../plugins/sign-on/accounts.ts'
import type { SignOnIdentity } from '../../../plugins/sign-on/identity.ts'
import { identityHash } from '../../../plugins/store/identity-hash.ts'
import { beginFilling, listIndexKeys, readIndexes } from '../../../plugins/store/indexes.ts'
import { cli } from '../../helper/cli.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { addUser, call, enterpriseId, inventIdNumber, userId } from '../../helper/identity.ts'
import { museum } from '../../helper/museum-connector.ts'
import { readSchema } from '../../helper/schema.ts'
import { targets } from '../../helper/targets.ts'

/** Of random tokens and ids, of requests and agencies' words, or of what is kept nowhere: these stay under LOOKUP_KEY (docs/operations.md). */
const KEPT =
  `acts.request_hash booking_acts.request_hash booking_seats.place_hash booking_seats.visitor_hash bookings.request_hash admin_sessions.token_hash admin_sessions.address_hash console_forms.number_hash agency_authorisations.browser_hash agency_authorisations.code_hash audit_chains.head_hash
audit_rows.hash deregistrations.face_hash enrolment_codes.code_hash filing_notices.body_hash filing_notices.notice_hash issued_documents.code_hash issued_documents.rows_hash issued_documents.content_hash message_settings.code_hash
login_failures.event_hash log_ins.session_hash oidc_entities.id_hash oidc_entities.uid_hash orders.request_hash orders.bill_hash page_visits.code_hash
 page_visits.cookie_hash partner_invitations.code_hash partners.code_hash partners.email_hash partners.receipt_hash payment_notices.body_hash sessions.id_hash sign_on_flows.state_hash sign_on_flows.browser_hash
sign_on_tickets.ticket_hash submission_acts.request_hash submissions.request_hash submissions.reference_hash`.split(/\s+/)

const [FIRST, SECOND] = ['19800101', '19810101'].map(inventIdNumber) as [string, string]
const DAY = 86_400_000
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: HubError) => error.code,
  )

for (const target of targets) {
  t.test(target.name, async (t) => {
    const created = await target.create()
    t.teardown(created.drop)
    const options = { store: { ...created.settings, MASTER_KEY: randomBytes(32).toString('base64') }, declarations: [museum] }
    const hubs = [await build(t, options), await build(t, options)] as const
    const [hub, other] = hubs
    const { database, vault } = hub.app
    const rotate = (onProgress = () => {}) => reindex({ database, vault, rows: indexedRows, batch: 2, onProgress })
    const identity = (subject: string, idNumber: string): SignOnIdentity => ({
      ...{ subject, nickname: null, avatarUrl: null, phone: '13800000099', level: 'real-name' },
      person: { name: '甲某', idType: '01', idNumber },
    })
    const settle = ({ app }: Hub, issuer: string, idNumber: string) =>
      createSignOnAccounts(app.database, app.vault, issuer).settle(identity(`${issuer}-${idNumber}`, idNumber))
    const accounts = ({ app }: Hub) =>
      createAccountStore({
        ...{ database: app.database, vault: app.vault, declarationOf: () => museum.accounts },
        tokens: { put: async () => undefined, forget: () => undefined },
      })
    const bind = (at: Hub, person: number, externalId: string) =>
      accounts(at).bind({ userId: userId(person), connector: 'museum', externalId, unionId: 'union', level: 'login', by: 'account-number' })
    const invite = (at: Hub, idNumber: string) =>
      at.app.agents.add(
        enterpriseId(1),
        { name: '甲某', phone: '13800000098', idNumber, scope: '*', starts_at: 0, ends_at: Date.now() + DAY },
        { userId: userId(1), role: 'legal-representative' },
      )
    /** How many users are verified under a number, whatever their rows are hashed with. */
    const holders = async (idNumber: string) => {
      const rows: { id: string; id_number_sealed: string }[] = await database('users').whereNotNull('id_number_sealed')
      return rows.filter(({ id, id_number_sealed: sealed }) => vault.open(sealed, `users.id_number:${id}`) === idNumber).length
    }
    const state = async () => (await listIndexKeys(database)).map((key) => [key.id === null, key.state])
    const found = async (at: Hub, field: object) => (await at.app.people.find({ ...field, page: 1, pageSize: 10 })).total

    t.test('every hash is declared: made anew with the key, or kept under LOOKUP_KEY', async (t) => {
      const schema = await readSchema(database)
      const declared = indexedRows.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`))
      const hashes = schema
        .map(({ table, column }) => `${table}.${column}`)
        .filter((place) => place.endsWith('_hash') || place === 'audit_rows.hash')
      t.same(hashes.filter((place) => !declared.includes(place) && !KEPT.includes(place)).sort(), [])
      t.same(
        KEPT.filter((place) => !hashes.includes(place) || declared.includes(place)),
        [],
      )
    })

    const [one] = [await settle(hub, 'urn:one', FIRST)]
    const account = await bind(hub, 2, 'M-1')
    await invite(hub, SECOND)
    const pseudonym = (await hub.app.users.byId(one)).pseudonym
    const subject = pairwise(vault, 'sector', one)

    t.test('cut off, it leaves nobody unfound and nobody doubled, in either process', async (t) => {
      t.same(await state(), [[true, 'current']])
      let steps = 0
      const cut = () => {
        if (++steps === 1) throw new Error('cut off')
      }
      await t.rejects(rotate(cut), /cut off/)
      t.same(await state(), [
        [false, 'filling'],
        [true, 'before'],
      ])
      // A row of each sort that is still under the key of before, whatever came first.
      await database('users')
        .where({ id: one })
        .update({ id_number_hash: identityHash(vault, '01', FIRST) })
      for (const at of hubs) {
        t.equal(await settle(at, 'urn:two', FIRST), one, 'who signs on is who he was')
        t.equal(await found(at, { idNumber: FIRST }), 1)
        t.equal(await found(at, { name: people[4]?.name }), 1)
        t.equal((await bind(at, 2, 'M-1')).id, account.id, 'an account that is his already')
        t.equal(await codeOf(bind(at, 3, 'M-1')), 'HUB_ACCOUNT_CONFLICT', 'somebody else’s account')
        t.equal(await codeOf(invite(at, SECOND)), 'HUB_MANDATE_EXISTS')
        const stranger = await addUser(at, `stranger-${Math.random()}`)
        const name = { userId: stranger, name: '甲某', idType: '01', idNumber: FIRST, channel: 'counter', recordedBy: null }
        t.equal(await codeOf(at.app.people.recordRealName(name)), 'HUB_IDENTITY_TAKEN', 'which no unique index would say')
      }
      t.equal(await holders(FIRST), 1)
      const again = { userId: one, name: '甲某', idType: '01', idNumber: FIRST, channel: 'app', recordedBy: null }
      t.equal(await codeOf(hub.app.people.recordRealName(again)), 'none', 'verified again as himself')
      const { now } = await readIndexes(database, vault)
      t.match(await database('users').where({ id: one }).first(), { id_number_hash: identityHash(now, '01', FIRST) })
    })

    t.test('two who come at once under two keys are one', async (t) => {
      const numbers = ['19820101', '19830101', '19840101', '19850101'].map(inventIdNumber)
      const issuers = ['urn:a', 'urn:b', 'urn:c']
      const users = await Promise.all(
        numbers.map((number) => Promise.all(issuers.map((issuer, index) => settle(hubs[index % 2] ?? hub, issuer, number)))),
      )
      for (const [index, ids] of users.entries()) {
        t.equal(new Set(ids).size, 1)
        t.equal(await holders(numbers[index] ?? ''), 1)
      }
    })

    t.test('started again, it goes on with its key, while people come', async (t) => {
      const numbers = Array.from({ length: 8 }, (_, index) => inventIdNumber(`199${index}0101`))
      const [done, users] = await Promise.all([
        rotate(),
        Promise.all(numbers.flatMap((number) => hubs.map((at, index) => settle(at, `urn:${index}`, number)))),
      ])
      t.same(done.failed, [])
      t.equal(new Set(users).size, numbers.length)
      for (const number of numbers) t.equal(await holders(number), 1)
      t.same(await state(), [
        [false, 'current'],
        [true, 'kept'],
      ])
      t.equal((await listIndexKeys(database))[0]?.id, done.id)
    })

    t.test('then everything stands under it alone, is found, and is unique', async (t) => {
      const { now, filling } = await readIndexes(database, vault)
      t.equal(filling, false)
      for (const { table, key, sealed, columns, context, hash } of indexedRows) {
        const rows: Record<string, string | null>[] = await database(table).whereNotNull(sealed).whereNotNull(columns[0])
        for (const row of rows)
          t.match(row, hash(now, vault.open(String(row[sealed]), context(String(row[key]))), row, vault), `${table}.${columns[0]}`)
      }
      t.same(await database('users').where({ id_number_hash: identityHash(vault, '01', FIRST) }), [])
      t.match(await database('agency_accounts').where({ id: account.id }).first(), { external_hash: externalHash(now, 'museum', 'M-1') })
      for (const at of hubs) {
        t.equal(await settle(at, 'urn:late', FIRST), one)
        t.equal((await found(at, { phone: '13800000099' })) > 0, true)
        t.equal(await codeOf(bind(at, 3, 'M-1')), 'HUB_ACCOUNT_CONFLICT')
        t.equal(await codeOf(invite(at, SECOND)), 'HUB_MANDATE_EXISTS')
      }
      const invited = await settle(other, 'urn:invited', SECOND)
      t.equal((await hub.app.holders.find({ userId: invited, role: 'agent', page: 1, pageSize: 9 })).total, 1, 'an invitation is found')
      const search = await call(hub, 'POST', '/admin/users/search', { body: { idNumber: FIRST } })
      t.equal(search.json().data.length, 1)
    })

    t.test('who audits, and who knows a subject, still knows it', async (t) => {
      t.equal((await hub.app.users.byId(one)).pseudonym, pseudonym)
      t.equal(pairwise(vault, 'sector', one), subject)
    })

    t.test('who leaves between two keys leaves nothing behind', async (t) => {
      await beginFilling(database, vault)
      const number = inventIdNumber('19790101')
      await invite(hub, number)
      const leaving = await settle(hub, 'urn:leaving', number)
      const former = identityHash(vault, '01', number)
      await database('mandates')
        .where({ user_id: leaving })
        .update({ id_number_hash: (await readIndexes(database, vault)).each((key) => identityHash(key, '01', number))[1] ?? former })
      await database.transaction((transaction) => erase(transaction, vault, leaving, leaving))
      t.match(await database('mandates').where({ user_id: leaving }), [{ name_sealed: null, id_number_sealed: null, id_number_hash: null }])
    })

    t.test('the command does it, on record, and hub keys shows it', async (t) => {
      const run = cli({ ...options.store, SANDBOX: 'on' })
      t.match(await run('keys', 'index', 'rotate', '--reason', '年度更换'), { code: 2, err: /请加 --yes/ })
      t.match(await run('keys', 'index', 'rotate', '--yes'), { code: 2, err: /--reason/ })
      t.match((await run('keys')).out, /检索密钥 .*正在重算[\s\S]*检索密钥 .*重算完之前仍用于检索[\s\S]*检索密钥 .*查找密钥.*只留存/)
      const done = await run('keys', 'index', 'rotate', '--reason', '年度更换', '--yes', '--progress')
      t.match(done, { code: 0, out: /完成：以检索密钥 [0-9a-f]{8} 重算 \d+ 处/, err: /users\.id_number_hash：已重算/ })
      t.match(JSON.parse((await run('keys', '--json')).out), {
        indexes: [{ state: 'current', filledAt: Number }, { state: 'kept' }, { id: null }],
      })
      const [row] = await database('audit_rows').where({ service: 'keys.index.rotate' }).select('record')
      t.match(JSON.parse(row.record), { purpose: /年度更换/, target: String })
      for (const at of hubs) t.equal(await settle(at, 'urn:after', FIRST), one)
    })

    t.test('what cannot be hashed anew is named, and both keys stay', async (t) => {
      const whole = await database('users').where({ id: one }).first('phone_sealed')
      await database('users').where({ id: one }).update({ phone_sealed: 'v2.lost.AAAA' })
      t.match(await rotate(), { failed: [`users.phone_hash ${one}`] })
      t.match(await state(), [[false, 'filling']])
      await database('users').where({ id: one }).update(whole)
      t.match(await rotate(), { failed: [] })
      t.match(await state(), [[false, 'current']])
    })
  })
}
