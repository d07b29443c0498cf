import { codeList } from './fields.ts'

/**
 * The city's divisions. Open: insured persons may come from anywhere. 411023 stays because records
 * from before 2016 still carry it, 411071 because statistics use it.
 */
export const divisions = codeList('GB/T 2260 行政区划代码（许昌市部分；411071 为统计用代码）', {
  '411000': '许昌市',
  '411002': '魏都区',
  '411003': '建安区',
  '411023': '许昌县（现建安区）',
  '411024': '鄢陵县',
  '411025': '襄城县',
  '411071': '许昌经济技术开发区',
  '411081': '禹州市',
  '411082': '长葛市',
})
