/** The HTTP server: its limits, the authentication of callers, and problem responses. It knows no resource. */
package io.engagementwebhooks.server;
