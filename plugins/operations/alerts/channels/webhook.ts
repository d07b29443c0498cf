import type { AlertPlace } from '../../../../config/alerts.ts'
import { createPost } from '../../../messages/channels/post.ts'
import { signedHeaders } from '../../../messages/channels/webhook.ts'
import type { Notification } from '../tell.ts'
import { type AlertChannel, assertOpen, lookupOf } from './channel.ts'

export interface AlertWebhookOptions {
  timeoutMs: number
  /** Of the hub, as receivers know it. */
  source: string
  now?: () => number
}

/** A signed POST (Standard Webhooks 1.0) of an event (CloudEvents 1.0, structured JSON). */
export function alertWebhook(place: AlertPlace, { timeoutMs, source, now = Date.now }: AlertWebhookOptions): AlertChannel {
  const post = createPost({ timeoutMs, lookup: lookupOf(place) })
  const key = Buffer.from(place.key.slice('whsec_'.length), 'base64')
  return {
    async send(id, notification) {
      assertOpen(place)
      const body = JSON.stringify(eventOf(id, source, notification))
      const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8', ...signedHeaders(key, id, now(), body) }
      await post.send(place.url, headers, body)
    },
    close: post.close,
  }
}

function eventOf(id: string, source: string, { telling, at, alerts, ...rest }: Notification): object {
  return {
    specversion: '1.0',
    id,
    source,
    type: `hub.alert.${telling}`,
    subject: rest.rule,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json',
    data: { ...rest, alerts: alerts.map(({ since, ...alert }) => ({ ...alert, since: new Date(since).toISOString() })) },
  }
}
