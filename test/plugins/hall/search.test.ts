import t from 'tap'
import gas from '../../../connectors/gas/index.ts'
import housingFund from '../../../connectors/housing-fund/index.ts'
import socialSecurity from '../../../connectors/social-security/index.ts'
import { compileService } from '../../../core/call/service.ts'
import { zonesOf } from '../../../plugins/hall/cards.ts'
import { searchedCard } from '../../../plugins/hall/on-line.ts'
import { createSearch } from '../../../plugins/hall/search.ts'

const services = [gas, housingFund, socialSecurity].flatMap((connector) =>
  connector.services.map((service) => compileService(connector, service)),
)
const { find } = createSearch(
  zonesOf(services).flatMap(({ cards }) => cards),
  searchedCard,
)
const names = (words: string) => find(words).map(({ name }) => name)

t.test('services are found by a part of the name, by pinyin, its initials, and in spite of a slip', async (t) => {
  for (const words of ['燃气报修', 'ranqibaoxiu', 'rqbx', 'ＲＱＢＸ', ' 燃气 报修 ', '然气报修', 'ranqibaoxu'])
    t.equal(names(words)[0], '燃气报修', words)
  for (const words of ['公积金', '公几金', 'gongjijin', 'gongjijn', 'gjj'])
    t.ok(find(words)[0]?.service.key.startsWith('housing-fund.'), words)
  t.ok(names('tuixiutiqu').includes('退休提取'))
})

t.test('what is nowhere is not found, and no text does harm', async (t) => {
  for (const words of ['', '   ', 'qqqqq', '<script>', '(((', '*', 'a'.repeat(10_000), '\u{20bb7}'])
    t.same(names(words), [], words.slice(0, 20))
})
