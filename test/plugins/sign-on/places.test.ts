import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openPlaces } from '../../../plugins/sign-on/log-ins/places.ts'
import { writeMmdb } from '../../helper/mmdb.ts'

const named = (name: string) => ({ names: { 'zh-CN': name } })

t.test('an address has its place by the file of the operator, and its sort where that says nothing', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'hub-places-')), 'places.mmdb')
  const bytes = writeMmdb([
    ['198.51.100.0', 24, { country: named('中国'), subdivisions: [named('河南')], city: named('许昌') }],
    ['203.0.113.0', 25, { country: named('中国'), subdivisions: [named('上海')], city: named('上海') }],
    ['192.0.2.0', 24, { country: { names: { en: 'Nowhere' } } }],
  ])
  writeFileSync(file, bytes)
  const placeOf = openPlaces(file)
  for (const [address, place] of [
    ['198.51.100.7', '中国 · 河南 · 许昌'],
    ['203.0.113.9', '中国 · 上海'],
    ['203.0.113.200', '公网地址（IPv4）'],
    ['192.0.2.1', 'Nowhere'],
    ['10.1.2.3', '单位或家庭内网'],
    ['2001:db8::1', '公网地址（IPv6）'],
    ['nonsense', '未知地址'],
  ] as const)
    t.equal(placeOf(address), place, address)
  t.equal(openPlaces('')('198.51.100.7'), '公网地址（IPv4）')

  writeFileSync(file, bytes.subarray(0, 40))
  t.throws(() => openPlaces(file), { name: 'SettingsError', message: /ADDRESS_PLACES_FILE/ })
  t.throws(() => openPlaces('/nonexistent/places.mmdb'), /ADDRESS_PLACES_FILE/)
})
