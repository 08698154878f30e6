/** Attacks on a product in a process of its own, and a probe that shows what another account notices of them. */
package io.engagementwebhooks.testkit.adversary;
