/**
 * The configuration: takes the file and definitions of the API, and gives one checked snapshot of accounts and
 * webhooks. It knows no request and no delivery.
 */
package io.engagementwebhooks.config;
