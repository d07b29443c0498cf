import type { SandboxLife } from './life.ts'

/**
 * One invented life a person; whatever an agency of the sandbox answers is drawn from it. What has happened has its
 * day; what goes on (postings, instalments, visits) the agencies write up to the day on which they are asked.
 */

const nothing = {
  ...{ marriage: null, parents: [], children: [], jobs: [], retirement: null, incapacity: null, emigration: null },
  ...{ homes: [], loans: [], illnesses: [] },
} as const

const flat = { place: '许昌市魏都区示例路1号院2号楼3单元501室', bought: '20190612', price: 96_000_000, owners: [1, 2] }

export const lives: readonly SandboxLife[] = [
  {
    ...nothing,
    born: '19900101',
    sex: '女',
    address: '许昌市魏都区示例巷1号',
    marriage: { spouse: 2, day: '20180520' },
    children: [{ born: '20250218' }],
    jobs: [
      { employer: '许昌拟定服装有限公司', firm: null, from: '201203', until: '201603', base: 320_000 },
      { employer: '许昌示例制造有限公司', firm: 1, from: '201604', until: null, base: 860_000 },
    ],
    homes: [{ place: '许昌市魏都区虚拟街8号1幢102号', bought: '20210318', price: 88_500_000, owners: [1] }, flat],
    loans: [{ signed: '20190618', principal: 30_000_000, terms: 180, price: flat.price }],
    illnesses: [{ name: '高血压', kind: 'chronic', since: '20240306' }],
  },
  {
    ...nothing,
    born: '19851231',
    sex: '男',
    address: '许昌市魏都区示例巷1号',
    marriage: { spouse: 1, day: '20180520' },
    children: [{ born: '20250218' }],
    jobs: [
      { employer: '许昌拟定物流有限公司', firm: null, from: '201007', until: '201806', base: 380_000 },
      { employer: '许昌虚拟商贸有限公司', firm: 2, from: '201807', until: null, base: 645_050 },
    ],
    homes: [{ place: '许昌市建安区样本大道16号3号楼801室', bought: '20160905', price: 52_000_000, owners: [2] }, flat],
    illnesses: [{ name: '急性阑尾炎', kind: 'acute', since: '20251103' }],
  },
  {
    ...nothing,
    born: '19600315',
    sex: '男',
    address: '禹州市示例巷3号',
    jobs: [{ employer: '许昌拟定机械厂', firm: null, from: '198107', until: '202003', base: 512_000 }],
    retirement: { day: '20200331', pension: 328_640, institution: false },
    homes: [{ place: '禹州市拟定路3号家属院1号楼201室', bought: '20150420', price: 31_000_000, owners: [3] }],
    loans: [
      { signed: '20060309', principal: 10_000_000, terms: 96, price: 14_500_000 },
      { signed: '20150428', principal: 15_000_000, terms: 96, price: 31_000_000 },
    ],
    illnesses: [
      { name: '2型糖尿病', kind: 'chronic', since: '20180912' },
      { name: '慢性肾功能衰竭（透析治疗）', kind: 'major', since: '20230517' },
    ],
  },
  {
    ...nothing,
    born: '20010815',
    sex: '女',
    address: '鄢陵县示例镇样本街4号',
    jobs: [{ employer: '许昌样本科技有限公司', firm: 3, from: '202308', until: null, base: 420_000 }],
    emigration: '20260901',
  },
  {
    ...nothing,
    born: '19781109',
    sex: '男',
    address: '许昌市建安区示例巷5号',
    parents: [8],
    jobs: [
      { employer: '许昌拟合软件有限公司', firm: null, from: '200405', until: '202011', base: 560_000 },
      { employer: '许昌样本科技有限公司', firm: 3, from: '202012', until: '202605', base: 730_000 },
    ],
    incapacity: '20260511',
    homes: [{ place: '许昌市建安区样例大道66号1号楼1102室', bought: '20250705', price: 78_000_000, owners: [5] }],
    illnesses: [{ name: '脑梗死后遗症', kind: 'chronic', since: '20251016' }],
  },
  {
    ...nothing,
    born: '20000229',
    sex: '女',
    address: '禹州市示例镇虚拟路6号',
    jobs: [{ employer: '许昌示例制造有限公司', firm: 1, from: '202503', until: '202603', base: 398_000 }],
  },
  { ...nothing, born: '19991231', sex: '女', address: '长葛市示例镇样本路7号' },
  {
    ...nothing,
    born: '19550907',
    sex: '女',
    address: '许昌市魏都区样例街8号院1号楼102室',
    jobs: [{ employer: '许昌示例中学', firm: null, from: '197509', until: '201009', base: 410_000 }],
    retirement: { day: '20100930', pension: 462_500, institution: true },
  },
]
