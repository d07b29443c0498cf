import type { Arrangement } from './arrangement.ts'

/**
 * 国务院办公厅关于2026年部分节假日安排的通知, 4 November 2025, as 新华社 published it that day
 * (https://politics.gmw.cn/2025-11/04/content_38391083.htm, read together with three other papers' print of it).
 */
export const holidays2026: Arrangement = {
  year: 2026,
  source: '国务院办公厅关于2026年部分节假日安排的通知',
  published: '2025-11-04',
  holidays: [
    { name: '元旦', from: '2026-01-01', to: '2026-01-03', worked: ['2026-01-04'] },
    { name: '春节', from: '2026-02-15', to: '2026-02-23', worked: ['2026-02-14', '2026-02-28'] },
    { name: '清明节', from: '2026-04-04', to: '2026-04-06', worked: [] },
    { name: '劳动节', from: '2026-05-01', to: '2026-05-05', worked: ['2026-05-09'] },
    { name: '端午节', from: '2026-06-19', to: '2026-06-21', worked: [] },
    { name: '中秋节', from: '2026-09-25', to: '2026-09-27', worked: [] },
    { name: '国庆节', from: '2026-10-01', to: '2026-10-07', worked: ['2026-09-20', '2026-10-10'] },
  ],
}
