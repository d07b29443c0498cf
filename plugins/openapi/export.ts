import { MEDIA_TYPES } from './negotiation.ts'
import type { Operation, RuledService } from './types.ts'

export const EXPORT_PATH = '/v1/{connector}/{service}'

/**
 * Every query as a file. The same addresses as the queries have, told apart by `format`: a client gets one
 * media type an operation, without which the type of `data` would be lost.
 */
export function exportOperation(services: Iterable<RuledService>): Operation {
  const queries = [...services].filter(({ asks }) => asks)
  const choice = (name: string, description: string, values: readonly string[]) => ({
    in: 'path',
    name,
    required: true,
    description,
    schema: { type: 'string', enum: [...new Set(values)] },
    example: values[0],
  })
  const file = (description: string) => ({ schema: { type: 'string', format: 'binary', description } })
  return {
    operationId: 'export',
    summary: '导出为文件',
    description:
      '任何一项查询的全部记录，作为文件。地址和查询参数与该项查询相同，另加 format；也可以不用 format，而在 Accept 请求头里写明媒体类型。xlsx 里记录中的明细各成一表，csv 以 list=明细字段 取其中一种。pdf 只用于能打印的服务，带验证码，不能只取一部分。公开的查询不需要令牌。',
    tags: ['导出'],
    security: [{ token: [] }, {}],
    parameters: [
      choice(
        'connector',
        '部门系统',
        queries.map(({ connector }) => connector.id),
      ),
      choice(
        'service',
        '服务',
        queries.map(({ contract }) => contract.id),
      ),
      {
        in: 'query',
        name: 'format',
        required: true,
        description: '文件格式：csv 表格，xlsx 工作簿，pdf 证明',
        schema: { type: 'string', enum: ['csv', 'xlsx', 'pdf'] },
        example: 'xlsx',
      },
    ],
    responses: {
      200: {
        description: '文件',
        headers: {
          'Content-Disposition': {
            description: '文件名（RFC 6266）',
            schema: { type: 'string' },
            example: `attachment; filename="export.xlsx"; filename*=UTF-8''%E8%AE%B0%E5%BD%95.xlsx`,
          },
        },
        content: {
          [MEDIA_TYPES.csv]: file('全部记录的表格'),
          [MEDIA_TYPES.xlsx]: file('全部记录的工作簿'),
          [MEDIA_TYPES.pdf]: file('带验证码的证明'),
        },
      },
    },
  }
}
