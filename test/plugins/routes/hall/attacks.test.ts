import t from 'tap'
import credit from '../../../../connectors/credit/index.ts'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import { pdfOf } from '../../../helper/file-bytes.ts'
import { enter, listen, send, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { unhurried } from '../../../helper/unhurried.ts'

t.test('the hall under attack', async (t) => {
  const hub = await build(t, { declarations: [unhurried(credit, 0.1), housingFund] })
  const origin = await listen(hub)
  const mine = await enter(hub, origin)
  const filing = '/hall/credit/objection-appeal'
  const files = async () => Number((await hub.app.database('files').count({ n: '*' }).first())?.['n'])

  await t.test('names in an address are text as well', async (t) => {
    const name = '"><meta http-equiv="refresh" content="0;url=https://elsewhere.example">'
    const page = await mine.open(`/hall/housing-fund/personal-account?${encodeURIComponent(name)}=1&__proto__=1&constructor=2`)
    t.match(words(page), /开始人脸核验/)
    t.notMatch(page.text, '<meta http-equiv')
  })

  await t.test('a link says nothing of which form counts once', async (t) => {
    const key = 'chosen-by-somebody-else'
    const page = await mine.open(`${filing}?key=${key}&statement=${encodeURIComponent('处罚事由写错了')}`)
    t.match(page.text, '处罚事由写错了')
    t.notMatch(page.text, key)
  })

  await t.test('files lead to files', async (t) => {
    for (const href of ['/v1/me/accounts/files/..', '/v1/me/accounts/files/.', '/v1/me/family/files/..?preview=true'])
      t.equal((await mine.open(`/hall/file?href=${encodeURIComponent(href)}`)).status, 404, href)
  })

  await t.test('of a form that is not its sender’s nothing is kept', async (t) => {
    const form = await mine.open(filing)
    const file = { name: '证据.pdf', type: 'application/pdf', content: pdfOf(900) }
    const forged = await send(mine, form, { seal: 'a'.repeat(64) }, { files: { evidence: file } })
    t.equal(forged.status, 400)
    const late = new FormData()
    late.append('evidence', new Blob([new Uint8Array(file.content)], { type: file.type }), file.name)
    const [, seal = ''] = /name="seal" value="([^"]*)"/.exec(form.text) ?? []
    late.append('seal', seal)
    t.equal((await mine.open(filing, { method: 'POST', body: late })).status, 400, 'its ties come first')
    t.equal(await files(), 0)
  })

  await t.test('files that are odd', async (t) => {
    const form = await mine.open(filing)
    const [, seal = ''] = /name="seal" value="([^"]*)"/.exec(form.text) ?? []
    const raw = (parts: readonly string[]) =>
      mine.open(filing, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body:
          [`Content-Disposition: form-data; name="seal"\r\n\r\n${seal}`, ...parts].map((part) => `--x\r\n${part}\r\n`).join('') +
          '--x--\r\n',
      })
    const evidence = (headers: string, body: string) => `Content-Disposition: form-data; name="evidence"${headers}\r\n\r\n${body}`
    const file = (index: number) => evidence(`; filename="${index}.pdf"`, 'x')
    for (const [what, status, parts] of [
      ['a file without a name', 400, [evidence('\r\nContent-Type: application/octet-stream', 'x')]],
      ['a type that the API reads otherwise', 422, [evidence('; filename="a.pdf"\r\nContent-Type: application/json', '{')]],
      ['a form in a form', 422, [evidence('; filename="a.pdf"\r\nContent-Type: multipart/form-data; boundary=y', '--y')]],
      ['half a character in a name', 422, [evidence("; filename*=utf-8''%ED%A0%80.pdf", 'x')]],
      ['names of every object', 400, ['Content-Disposition: form-data; name="__proto__"\r\n\r\nx']],
      ['too many', 413, Array.from({ length: 11 }, (_, index) => file(index))],
      ['too large', 413, [evidence('; filename="a.pdf"', 'x'.repeat(20 * 1024 ** 2 + 1))]],
    ] as const)
      t.equal((await raw(parts)).status, status, what)
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=y'])
      t.equal((await mine.open(filing, { method: 'POST', headers: { 'content-type': type }, body: '--y\r\nx' })).status, 400, type)
  })
})
