/** The REST API that reads back what became of events, and lets people act on it. */
package io.engagementwebhooks.console;
