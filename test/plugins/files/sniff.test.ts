import t from 'tap'
import { contentDisposition, safeName } from '../../../plugins/files/name.ts'
import { plainMediaType, sniff } from '../../../plugins/files/sniff.ts'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

t.test('a file is what its bytes say', async (t) => {
  t.same(await sniff(png), { mediaType: 'image/png', extension: 'png' })
  t.same(await sniff(Buffer.from('%PDF-1.7\n')), { mediaType: 'application/pdf', extension: 'pdf' })
  t.equal(await sniff(Buffer.from('<html><script>alert(1)</script>')), null, 'markup is nothing the hub takes')
  t.equal(await sniff(Buffer.alloc(0)), null)
  t.equal(plainMediaType('Image/JPG; charset=utf-8'), 'image/jpeg')
})

t.test('a name is bounded, keeps its Chinese and leads nowhere', async (t) => {
  t.equal(safeName('身份证.jpg'), '身份证.jpg')
  t.equal(safeName('../../etc/passwd'), 'passwd')
  t.equal(safeName('C:\\Windows\\system32\\购房合同.PDF'), '购房合同.PDF')
  t.equal(safeName('..'), '未命名')
  t.equal(safeName('.htaccess'), 'htaccess')
  t.equal(safeName('a\u0000b\r\n"c".pdf'), 'a b   c.pdf')
  t.equal(safeName('发票\u202Egpj.exe', 'jpg'), '发票 gpj.jpg', 'an ending that lies gives way to the true one')
  t.equal(safeName('照片.JPEG', 'jpg'), '照片.JPEG')
  const long = safeName(`${'长'.repeat(100_000)}.pdf`)
  t.equal([...long].length, 80)
  t.match(long, /^长+\.pdf$/)
})

t.test('a download says its name twice', async (t) => {
  t.equal(
    contentDisposition('购房 合同(1).pdf'),
    `attachment; filename="file.pdf"; filename*=UTF-8''%E8%B4%AD%E6%88%BF%20%E5%90%88%E5%90%8C%281%29.pdf`,
  )
  t.equal(
    contentDisposition('x"\r\nset-cookie: a=b', 'inline'),
    `inline; filename="file"; filename*=UTF-8''x%20%20%20set-cookie%20%20a%3Db`,
  )
})
