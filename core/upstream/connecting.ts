import { buildConnector } from 'undici'

/** Connects as undici does, and tells when the certificate that the agency showed ends. */
export function createConnect(options: buildConnector.BuildOptions, onCertificate: (endsAt: number) => void): buildConnector.connector {
  const connect = buildConnector(options)
  return (target, callback) =>
    connect(target, (...result) => {
      const [, socket] = result
      // None comes with a session that is resumed: it is the one of before.
      const endsAt = socket && 'getPeerCertificate' in socket ? Date.parse(socket.getPeerCertificate().valid_to) : Number.NaN
      if (!Number.isNaN(endsAt)) onCertificate(endsAt)
      callback(...result)
    })
}
