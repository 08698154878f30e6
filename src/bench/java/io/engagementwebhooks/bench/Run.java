package io.engagementwebhooks.bench;

/**
 * The result of one load on one process.
 *
 * @param name of the measured process and load
 * @param accepted events a second
 * @param delivered deliveries a second
 * @param cpuMicros processor time of the measured process for each delivery
 * @param writtenKb what it wrote to disk for each delivery
 * @param p50 of the response, in milliseconds, in the closed loop
 * @param p99 the same
 * @param residentMb memory at the end
 * @param lost accepted deliveries that did not arrive
 * @param doubled deliveries that arrived more than once
 */
record Run(
        String name,
        double accepted,
        double delivered,
        double cpuMicros,
        double writtenKb,
        double p50,
        double p99,
        long residentMb,
        long lost,
        long doubled) {}
