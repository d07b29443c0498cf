import t from 'tap'
import credit from '../../../../connectors/credit/index.ts'
import { createBrowser } from '../../../helper/browser.ts'
import { listen } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { call } from '../../../helper/identity.ts'
import { verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

const [ADMIN, AUDITOR, NOBODY] = [1, 3, 5] as const
const purpose = '优化搜索'
const [PENALTIES, REPORT] = ['credit.administrative-penalty-disclosure', 'credit.credit-report-download'] as const
const INVALID = [400, 'HUB_VALIDATION']
const FIRST = { name: 3, place: 1, sound: 2, excluded: [], boosts: [] }

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [credit] })
    const origin = await listen(hub)
    const admin = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object, person: number = ADMIN) =>
      call(hub, method, `/admin/search/${path}`, { person, ...(body ? { body: { purpose, ...body } } : {}) })
    const find = async (q: string): Promise<string[]> => {
      const { data } = (await hub.app.inject(`/v1/catalog?q=${encodeURIComponent(q)}`)).json()
      return data.flatMap(({ id, services }: { id: string; services: { service: string }[] }) =>
        services.map(({ service }) => `${id}.${service}`),
      )
    }
    const rules = (revision: number, more: object = {}) => admin('PUT', 'rules', { ...FIRST, revision, ...more })

    t.test('scope and weights: what is searched, and what stands first', async (t) => {
      t.match((await admin('GET', 'rules', undefined, AUDITOR)).json().data, { ...FIRST, revision: 0 })
      const before = await find('信用')
      t.ok(before.length > 2)
      const last = before.at(-1) ?? ''
      const both = await Promise.all([rules(0, { boosts: [{ service: last, factor: 10 }] }), rules(0)])
      t.same(both.map(({ statusCode }) => statusCode).sort(), [200, 409], 'two at once: one does')
      const { revision } = (await admin('GET', 'rules')).json().data
      t.equal((await rules(revision, { boosts: [{ service: last, factor: 10 }] })).statusCode, 200)
      t.equal((await find('信用'))[0], last)
      t.same(verdict(await rules(revision)), [409, 'HUB_CHANGED_MEANWHILE'])
      await rules(revision + 1, { sound: 0 })
      t.same(await find('xzcfgs'), [], 'what does not count is not searched')
      await rules(revision + 2, { excluded: ['credit'] })
      t.same(await find('信用'), [])
      await rules(revision + 3)
      t.same(await find('信用'), before, 'and as before')
      for (const [what, more] of Object.entries({
        'a system that is none': { excluded: ['nothing'] },
        'a service that is none': { boosts: [{ service: 'credit.nothing', factor: 2 }] },
        'nothing that counts': { name: 0, place: 0, sound: 0 },
        'too heavy': { name: 11 },
        'no factor': { boosts: [{ service: REPORT, factor: 0 }] },
      }))
        t.same(verdict(await rules(revision + 4, more)), INVALID, what)
      t.same(verdict(await admin('PUT', 'rules', { ...FIRST, revision: revision + 4 }, AUDITOR)), [403, 'HUB_ROLE_REQUIRED'])
    })

    t.test('hot words are added, suggested and removed', async (t) => {
      const first = await admin('POST', 'hot-words', { word: ' 信用报告 ' })
      t.match(first.json().data, { word: '信用报告', weight: 0 })
      await admin('POST', 'hot-words', { word: '<b>罚单</b>', weight: 9 })
      t.same(verdict(await admin('POST', 'hot-words', { word: '信用报告' })), INVALID, 'twice')
      t.same(verdict(await admin('POST', 'hot-words', { word: '长'.repeat(21) })), INVALID)
      t.same(verdict(await admin('POST', 'hot-words', { word: '  ' })), INVALID)
      const told = await hub.app.inject('/v1/hot-words')
      t.same(told.json().data, ['<b>罚单</b>', '信用报告'])
      t.equal((await hub.app.inject({ url: '/v1/hot-words', headers: { 'if-none-match': String(told.headers.etag) } })).statusCode, 304)
      const page = await createBrowser({ [origin]: origin }).open('/hall/search?q=')
      t.match(page.text, `/hall/search?q=${encodeURIComponent('信用报告')}`)
      t.notMatch(page.text, '<b>罚单')
      for (const { id } of (await admin('GET', 'hot-words', undefined, AUDITOR)).json().data)
        t.equal((await admin('POST', `hot-words/${id}/delete`, {})).statusCode, 200)
      t.same(verdict(await admin('POST', `hot-words/${first.json().data.id}/delete`, {})), [404, 'HUB_NO_RECORD'])
      t.same((await hub.app.inject('/v1/hot-words')).json().data, [])
    })

    t.test('what is looked for is counted, of nobody; what finds nothing, and what is opened', async (t) => {
      const browser = createBrowser({ [origin]: origin })
      // Whoever asks for counts has those written that wait: the searches of before.
      await admin('GET', 'counts', undefined, AUDITOR)
      await hub.app.database('search_counts').delete()
      const look = async (q: string, times: number) => {
        for (let n = 0; n < times; n++) await browser.open(`/hall/search?q=${encodeURIComponent(q)}`)
      }
      await look('行政处罚', 4)
      await look('鑫鑫鑫zzzz', 3)
      await look('罕见', 2)
      await look('411002 19900101000X', 3)
      await look('someone@mail.example', 3)
      await find('行政处罚')
      const found = await browser.open(`/hall/search?q=${encodeURIComponent('行政处罚')}`)
      const [, link = ''] = /href="(\/hall\/found[^"]*administrative-penalty-disclosure)"/.exec(found.text) ?? []
      const opened = await browser.open(link.replaceAll('&#38;', '&'))
      t.same([opened.status, opened.location], [303, `${origin}/hall/credit/administrative-penalty-disclosure`])
      t.ok(found.text.includes(PENALTIES))
      const counts = (await admin('GET', 'counts', undefined, AUDITOR)).json()
      t.same(counts.data, [
        { words: '行政处罚', searches: 6, empty: 0, clicks: 1, clickRate: 0.1667 },
        { words: '鑫鑫鑫zzzz', searches: 3, empty: 3, clicks: 0, clickRate: 0 },
      ])
      t.same((await admin('GET', 'counts?empty=true')).json().data.length, 1)
      t.same((await admin('GET', 'counts?to=2020-01-01')).json().data, [])
      const kept = JSON.stringify(await hub.app.database('search_counts'))
      t.notMatch(kept, /411002|someone/, 'what may be somebody’s is not even kept')
      t.notMatch(kept, /user/)
      t.same(verdict(await admin('GET', 'counts', undefined, NOBODY)), [403, 'HUB_ROLE_REQUIRED'])
      t.equal((await browser.open('/hall/found?q=x&service=https://evil.example/')).status, 404, 'it leads nowhere else')
      await hub.app.database('search_counts').update({ day: '2020-01-01' })
      await hub.app.searching.counts.purge()
      t.same(await hub.app.database('search_counts'), [])
    })

    t.test('whoever makes words up fills no table, and nothing is opened that was not found', async (t) => {
      const from = (url: string) => hub.app.inject({ url, remoteAddress: '192.0.2.77' })
      for (let n = 0; n < 80; n++) await from(`/hall/search?q=${encodeURIComponent(`造词${n}`)}`)
      await from(`/hall/found?service=${PENALTIES}&q=${encodeURIComponent('造词1')}`)
      await hub.app.inject({ url: `/hall/found?service=${PENALTIES}&q=nobody-searched`, remoteAddress: '192.0.2.78' })
      await admin('GET', 'counts', undefined, AUDITOR)
      const kept: { words: string; clicks: number }[] = await hub.app.database('search_counts').where('words', 'like', '造词%')
      t.equal(kept.length, 60, 'words of one address in an hour')
      t.ok(kept.every(({ clicks }) => clicks === 0))
      t.same(await hub.app.database('search_counts').where({ words: 'nobody-searched' }), [])
      await from(`/hall/search?q=${encodeURIComponent('造词0')}`)
      await hub.app.searching.counts.ask('2020-01-01', '2099-01-01', false)
      const known = await hub.app.database('search_counts').where({ words: '造词0' }).first()
      t.equal(known.searches, 2, 'what others behind the address look for goes on being counted')
      await hub.app.database('search_counts').insert({ day: '2020-01-01', words: '常用', searches: 3, empty: 0, clicks: 0 })
      const old = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10)
      await hub.app.database('search_counts').update({ day: old })
      await hub.app.searching.counts.purge()
      t.same(await hub.app.database('search_counts').pluck('words'), ['常用'], 'what is seldom is dropped after a week')
    })
  })
}
