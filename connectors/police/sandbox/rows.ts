import type { SandboxRow, SandboxRows } from '../../../core/connector.ts'

const ALL_DAY = '全天在线申请，工作日 9:00—17:00 审核'
const OFFICE = '工作日 9:00—12:00，13:00—17:00'

/** Names of what the contract lists; hours, terms and papers are invented after what such platforms say. */
const items: readonly SandboxRow[] = (
  [
    ['XCGA-JT-001', '交通违法处理', '1', '2', '全天', '驾驶证、行驶证', '即时办结', '许昌市公安局交通警察支队示例大队', '1'],
    [
      'XCGA-JT-002',
      '事故视频快处',
      '1',
      '2',
      '每日 7:00—22:00',
      '驾驶证、行驶证、保险单、现场照片',
      '30分钟',
      '许昌市道路交通事故视频快处中心（示例）',
      '1',
    ],
    [
      'XCGA-JT-003',
      '驾驶证补换',
      '1',
      '3',
      ALL_DAY,
      '驾驶证、一寸白底照片、体检证明',
      '1个工作日',
      '许昌市公安局交通警察支队车辆管理所（示例）',
      '1',
    ],
    [
      'XCGA-HJ-001',
      '户籍迁移',
      '2',
      '3',
      ALL_DAY,
      '居民户口簿、居民身份证、合法稳定住所证明',
      '5个工作日',
      '许昌市公安局治安和出入境管理支队（示例）',
      '1',
    ],
    ['XCGA-HJ-002', '居住证申领', '2', '3', ALL_DAY, '居民身份证、一寸照片、居住登记满半年的证明', '15日', '居住地派出所（示例）', '1'],
    ['XCGA-HJ-003', '无犯罪记录证明开具', '2', '3', ALL_DAY, '居民身份证', '3个工作日', '户籍所在地派出所（示例）', '1'],
    ['XCGA-HD-001', '警民互动', '3', '1', OFFICE, '无', '5个工作日内答复', '许昌市公安局警务公开示例岗', '1'],
    ['XCGA-HD-002', '警务公开评议', '3', '1', OFFICE, '无', '升级维护，恢复时间另行公告', '许昌市公安局警务公开示例岗', '2'],
  ] as const
).map(([number, name, kind, level, hours, papers, term, unit, state]) => ({
  sxbh: number,
  sxmc: name,
  sxlb: kind,
  rzjb: level,
  fwsj: hours,
  sxcl: papers,
  blsx: term,
  bldw: unit,
  sxzt: state,
}))

/** The list is the same for everybody. */
export const sandbox: Readonly<Record<string, SandboxRows>> = { 'high-frequency-items': () => items }
