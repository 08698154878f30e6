/** Starts the product and runs its commands: binds the rooms to routes. No other room knows it. */
package io.engagementwebhooks.operate;
