import { Socket } from 'node:net'

const { destroy } = Socket.prototype
const { AlipaySdk } = await import('alipay-sdk')
// Its HTTP client puts a mark on each error that ends a socket, and fails on the second socket that one ends: for the whole process.
Socket.prototype.destroy = destroy

export { AlipaySdk }
