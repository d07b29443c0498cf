import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import t from 'tap'
import type { Entry } from '../../cli/command.ts'
import { entries } from '../../cli/run.ts'
import { cli } from '../helper/cli.ts'

const DATA_DIR = mkdtempSync(join(tmpdir(), 'hub-'))
t.teardown(() => rmSync(DATA_DIR, { recursive: true, force: true }))
const run = cli({ DATA_DIR })
const said = async (...args: string[]) => {
  const { code, out, err } = await run(...args)
  t.equal(out, '', `${args.join(' ')}: a mistake leaves stdout empty`)
  return `${code} ${err}`
}

const pathsOf = (list: readonly Entry[], before: string[] = []): string[][] =>
  list.flatMap(({ name, actions }) => [[...before, name], ...pathsOf(actions, [...before, name])])

t.test('every command has help of its own, with the exit codes', async (t) => {
  const top = await run('--help')
  for (const { name } of entries) t.match(top.out, `hub ${name}`)
  t.match((await run()).out, /^hub <命令>/)
  for (const path of pathsOf(entries)) {
    const { code, out, err } = await run(...path, '--help')
    t.match({ code, err, out }, { code: 0, err: '', out: /退出码：0 成功；1 .*；2 / }, path.join(' '))
    t.match(out, `hub ${path.join(' ')}`)
  }
  t.match((await run('--version')).out, /^\d+\.\d+\.\d+$/)
  t.match((await run('completion')).out, /complete .*hub/)
  t.match((await run('--get-yargs-completions', 'hub', 'clients', 'en')).out, /^enable$/m)
})

t.test('what is mistyped is named, with what there is', async (t) => {
  t.match(await said('tokn'), /^2 .*token/)
  t.match(await said('clients', 'ad', 'x'), /^2 .*您要的是 add 吗/)
  t.match(await said('keys', 'unwind'), /^2 .*unwind[\s\S]*keys 的动作：rotate、lookup/)
  t.match(await said('audit'), /^2 audit 的动作：verify/)
  t.match(await said('migrate', '--rollback'), /^2 .*rollback/)
  t.match(await said('keys', 'rotate', '--dry-rum', '--yes'), /^2 .*dry-rum/)
  t.match(await said('services', 'more'), /^2 .*more/)
  t.match(await said('administrators', 'x', 'king'), /^2 [\s\S]*king[\s\S]*admin/)
  t.match(await said('clients', 'add', 'x'), /^2 .*name/)
  t.match(await said('accounts', 'merge', 'a', 'b'), /^2 .*reason/)
  t.match(await said('token', '--person', '1', '--person', '2'), /^2 --person 只能写一次/)
  t.match(await said('connector', 'check', 'nowhere'), /^2 没有这个连接器：nowhere（现有 .*housing-fund/)
})

t.test('tokens are issued for people and enterprises that there are', async (t) => {
  for (const person of ['0', '9', '99', '1.5', 'x']) t.match(await said('token', '--person', person), /^2 --person 须是 1 至 8 的序号/)
  t.match(await said('token', '--enterprise', '4'), /^2 --enterprise 须是 1 至 3 的序号/)
  t.match((await run('token', '--person', '7')).out, /^ey[\w-]+\.[\w-]+\.[\w-]+$/)
  t.match(JSON.parse((await run('token', '--json')).out), { token: /^ey/, expiresIn: 3600 })
  t.equal(decodeJwt((await run('token')).out).aud, 'xuchang-hub')
  t.same(decodeJwt((await run('token', '--admin')).out).aud, ['xuchang-hub', 'xuchang-hub-admin'])
  const off = { SANDBOX: 'off', EXCHANGE_BASE_URL: 'https://x.example', EXCHANGE_REQUESTER_ID: 'x', EXCHANGE_APP_KEY: 'x' }
  for (const args of [['token'], ['people'], ['messages'], ['sandbox', 'reset', '--yes']])
    t.match(await cli({ DATA_DIR, ...off })(...args), { code: 2, out: '', err: /沙箱没有开启/ })
  const taken = await cli({ DATA_DIR, ...off })('clients', 'import', 'none.json', '--reason', '联调')
  t.match(taken, { code: 2, out: '', err: /clients import 只能在沙箱里用/ })
})

t.test('wrong settings are named, without a stack', async (t) => {
  const { code, err } = await cli({ DATA_DIR, PORT: 'many', MASTER_KEY: 'short' })('migrate')
  t.equal(code, 1)
  t.match(err, /设置有误[\s\S]*PORT[\s\S]*MASTER_KEY/)
  t.notMatch(err, /at .*\.ts:\d+/)
})
