import t from 'tap'
import { textOfPdf } from '../../../conformance/pdf-text.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import eLicense from '../index.ts'
import { checkCharacterOf } from '../sandbox/licences.ts'

t.test('the promise has not shrunk', async (t) => {
  const promised = promisesOf('e-license')
  t.same({ services: promised.length, fields: promised.flatMap(({ fields }) => fields).length }, { services: 15, fields: 59 })
})

t.test('the check character of a 证照标识 (ISO 7064 MOD 37,36)', async (t) => {
  t.equal(checkCharacterOf('11100000000013338W00911411000000000001A2024010100000001001'), 'H', 'standards.md §3.4')
})

interface Shown {
  licenseName: string
  licenseNumber: string
  licenseStatus: { name: string }
  validUntil: { until: string | null; name: string }
  licenseImage: { href: string }[]
}

t.test('电子证照', async (t) => {
  const hub = await build(t, { declarations: [eLicense] })
  const { get } = hub
  const ask = async (path: string, token: object) => (await get(`/v1/e-license/${path}`, token)).json()
  const statesOf = (rows: Shown[]) => rows.map(({ licenseName, licenseStatus }) => `${licenseName} ${licenseStatus.name}`)
  const one = { person: 1 }
  const wedding = encodeURIComponent('BJ411002-2023-000023')
  const lost = encodeURIComponent('J411002-2018-000520')

  await t.test('found by a word, a type, a name, an attribute', async (t) => {
    const all: Shown[] = (await ask('person-license-list', one)).data
    t.same(statesOf(all).sort(), [
      '不动产权证书 有效',
      '不动产权证书 有效',
      '从业人员健康证明 过期',
      '结婚证 有效',
      '结婚证 注销',
      '职业技能等级证书 有效',
    ])
    t.match(all.find(({ licenseNumber }) => licenseNumber === 'BJ411002-2023-000023')?.validUntil, { until: null, name: '长期' })
    const count = async (query: string, path = 'person-license-query') => (await ask(`${path}?${query}`, one)).data.length
    t.equal(await count(`keyword=${encodeURIComponent('婚姻')}`), 2)
    t.equal(await count('licenseType=11411000000000001A102'), 2)
    t.equal(await count(`licenseName=${encodeURIComponent('健康')}`, 'person-license-search'), 1)
    t.equal(await count(`keyAttribute=${encodeURIComponent('虚拟街')}`, 'person-license-search'), 1)
    t.equal(await count(`keyword=${encodeURIComponent('<script>alert(1)</script>')}`), 0)
    t.match(statesOf((await ask('person-certificate-query', one)).data.map((row: object) => ({ licenseName: '', ...row }))), [' 有效'])
    t.match(statesOf((await ask('enterprise-license-list', { person: 1, enterprise: 3 })).data), ['营业执照 有效', '高新技术企业证书 过期'])
    t.match((await ask('recent-licenses', one)).data.recentLicenses, [{ lastViewedAt: /^\d{4}-/ }, {}, {}])
  })

  await t.test('another’s by its number, of a person or a firm, is not there', async (t) => {
    for (const path of ['license-detail', 'license-basic-info', 'license-image-preview', 'license-image-download', 'license-qr-code']) {
      t.equal((await ask(`${path}?licenseNumber=${wedding}`, { person: 3 })).code, 'HUB_NO_RECORD', path)
      t.equal((await ask(`${path}?licenseNumber=91411000MA0000023D`, { person: 1, enterprise: 1 })).code, 'HUB_NO_RECORD', path)
      t.match(await ask(path, one), { status: 409, choices: { parameter: 'licenseNumber' } })
    }
    t.match(await ask('enterprise-license-list', { person: 2, enterprise: 1 }), { code: 'HUB_MANDATE_REQUIRED' })
    t.match((await ask('license-detail?licenseNumber=91411000MA0000015J', { person: 1, enterprise: 1 })).data, { licenseName: '营业执照' })
  })

  await t.test('a picture leaves with its purpose on it, to its holder', async (t) => {
    const { data } = await ask(`license-image-download?licenseNumber=${wedding}`, one)
    const { href } = data.licenseImage[0]
    const use = encodeURIComponent('办理落户')
    const file = await get(`${href}?use=${use}`, one)
    t.match(file.headers, { 'content-type': 'application/pdf', 'content-disposition': /^attachment/ })
    t.match((await get(`${href}?preview=true`, one)).headers['content-disposition'], /^inline/)
    for (const token of [{ person: 2 }, { person: 1, enterprise: 1 }]) t.equal((await get(href, token)).statusCode, 404)
  })

  await t.test('what was cancelled says so, and has neither picture nor code', async (t) => {
    const { data } = await ask(`license-basic-info?licenseNumber=${lost}`, one)
    t.match(data, { licenseStatus: { code: '2', name: '注销' }, holderName: '贾*', licenseImage: [] })
    t.equal((await ask(`license-qr-code?licenseNumber=${lost}`, one)).code, 'HUB_NO_RECORD')
    const { data: all } = await ask('person-license-list', one)
    const old = all.find(({ licenseStatus }: Shown) => licenseStatus.name === '过期')
    t.equal((await ask(`license-qr-code?licenseNumber=${old.licenseNumber}`, one)).code, 'HUB_NO_RECORD')
  })

  await t.test('a code is checked by anybody, for minutes', async (t) => {
    const sheet = await get(`/v1/e-license/license-qr-code?licenseNumber=${wedding}&format=pdf`, one)
    t.equal(sheet.statusCode, 200)
    const text = textOfPdf(sheet.rawPayload)
    const code = /(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}/.exec(text)?.[0] ?? ''
    const verify = async () => (await hub.app.inject({ url: `/v1/verify/${code}` })).json()
    const { data } = await verify()
    t.match(data, { valid: true, service: '电子证照出示凭证', holder: { name: '贾*', number: '411***********000X' } })
    t.equal(Date.parse(data.expiresAt) - Date.parse(data.issuedAt), 300_000)
    t.match(text.replace(/\s/g, ''), `核验有效期至${data.expiresAt.slice(0, 10)}`)
    const issued = hub.app.database('issued_documents')
    await issued.update({ issued_at: Date.now() - 301_000, expires_at: Date.now() - 1000 })
    t.equal((await verify()).code, 'HUB_NO_RECORD', 'after its time')
    const again = await get(`/v1/e-license/license-qr-code?licenseNumber=${wedding}&format=pdf`, one)
    const fresh = /(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}/.exec(textOfPdf(again.rawPayload))?.[0]
    t.not(fresh, code, 'another each time')
  })
})
