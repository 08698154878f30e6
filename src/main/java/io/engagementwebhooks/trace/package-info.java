/**
 * Exports OpenTelemetry spans, if a collector is configured, and converts their contexts to the stored {@code
 * traceparent}. The attributes of a span are set by the package that creates it.
 */
package io.engagementwebhooks.trace;
