/** The REST API: reads events and deliveries, and changes definitions and states. */
package io.engagementwebhooks.console;
