/**
 * Spans by OpenTelemetry, off unless a collector is named: where they are sent, and what stands between them and the
 * {@code traceparent} that is kept with an event. What a span tells, its room says.
 */
package io.engagementwebhooks.trace;
