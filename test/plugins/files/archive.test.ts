import t from 'tap'
import { isArchive, isBomb } from '../../../plugins/files/archive.ts'
import { zipOf } from '../../helper/file-bytes.ts'

const MB = 1024 ** 2

t.test('an archive says how large it becomes', async (t) => {
  const honest = zipOf(1000)
  t.equal(isBomb(honest, honest.length), false)
  t.equal(isBomb(zipOf(60 * MB), honest.length), false, 'a little is no harm')
  t.equal(isBomb(zipOf(100 * MB), honest.length), true)
  t.equal(isBomb(zipOf(0xffffffff), honest.length), true, 'more than 4 GB')
  t.equal(isBomb(Buffer.concat([Buffer.alloc(500), honest]).subarray(500), honest.length), false, 'from its end alone')
})

t.test('of one that cannot be read nobody knows', async (t) => {
  const honest = zipOf(1000)
  t.equal(isBomb(honest.subarray(0, -1), honest.length - 1), null)
  t.equal(isBomb(Buffer.alloc(10), 10), null)
  t.equal(isBomb(honest.subarray(-30), honest.length), null, 'its directory lies further ahead')
})

t.test('documents are archives, too', async (t) => {
  t.ok(isArchive('application/vnd.openxmlformats-officedocument.wordprocessingml.document'))
  t.ok(isArchive('application/zip'))
  t.notOk(isArchive('application/pdf'))
})
