import fc from 'fast-check'
import t from 'tap'
import { masks } from '../../../core/contract/masks.ts'

t.test('masks keep what the convention keeps', async (t) => {
  t.equal(masks.idNumber('41100219900101000X'), '411***********000X')
  t.equal(masks.phone('13800000000'), '138****0000')
  t.equal(masks.name('张三'), '张*')
  t.equal(masks.name('欧阳小明'), '欧**明')
  t.equal(masks.account('6217000000001234'), '************1234')
  t.equal(masks.party('许昌示例置业有限公司'), '许昌示例置业有限公司')
  t.equal(masks.party('示例银行许昌分行'), '示例银行许昌分行')
  t.equal(masks.party('欧阳小明'), '欧**明')
  t.equal(masks.numbers('示例银行许昌分行 6217000000001234'), '示例银行许昌分行 ************1234')
  t.equal(masks.numbers('示例银行 6217 0000 0000 1234'), `示例银行 ${'*'.repeat(15)}1234`)
  t.equal(masks.numbers('甲 12345678 乙 87654321'), '甲 ****5678 乙 ****4321')
  t.equal(masks.numbers('甲乙丙丁戊'), '*乙丙丁戊')
  t.equal(masks.address('许昌市魏都区八一路1号'), '许昌市魏都区****')
  t.equal(masks.address('八一路1号院2号楼'), '八一路1*****')
})

t.test('no mask returns a value in clear or makes it longer', async () => {
  for (const [name, mask] of Object.entries(masks)) {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }), (value) => {
        const masked = mask(value)
        if (name === 'hidden') return masked === '******'
        return masked.includes('*') && (name === 'address' || [...masked].length === [...value].length)
      }),
    )
  }
})
