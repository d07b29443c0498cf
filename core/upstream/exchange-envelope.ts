import type { Envelope } from './envelope.ts'

/**
 * Nothing public says how an agency behind an exchange platform wraps its answers, so this is the union
 * of what is seen there. A connector narrows it once its agency has confirmed a form of its own.
 */
export const exchangeEnvelope: Envelope = {
  codeKeys: ['code', 'errCode', 'errorCode', 'resultCode', 'infcode', 'STATE', 'status', 'success'],
  messageKeys: ['message', 'msg', 'errMsg', 'err_msg', 'errorMsg', 'infmsg'],
  success: ['0', '00', '000', '0000', '200', '2000', 'success', 'SUCCESS', 'true'],
  // Success in the ministries' form style (biz_data), failure to others.
  successWithData: ['1'],
  innerCodeKeys: ['biz_data.code'],
  empty: [],
  // '没有数据或者时间格式错误' stays out: it may as well be a fault of ours, and that is no empty answer.
  emptyTexts: [
    '没有数据',
    '无数据',
    '暂无数据',
    '查无数据',
    '查询无数据',
    '未查询到数据',
    '没有查询到数据',
    '未查到数据',
    '未查询到相关数据',
    '未查询到相关信息',
    '没有符合条件的数据',
    '没有符合条件的记录',
    '未查询到记录',
    '无记录',
    '查无此人',
    '查询结果为空',
  ],
  // Zhejiang's answers carry an empty `data` beside `datas`; a bare `rows` is often a page size, so `data` goes first.
  data: [
    'biz_data.rows',
    'biz_data.result',
    'datas',
    'data.rows',
    'data.list',
    'data.records',
    'data.result',
    'data',
    'rows',
    'result',
    'list',
    'records',
    '',
  ],
  total: [
    'biz_data.recordcount',
    'data.total',
    'data.totalCount',
    'data.recordCount',
    'totalDataCount',
    'totalCount',
    'recordCount',
    'total',
  ],
  jsonInString: true,
  charset: 'utf-8',
}
