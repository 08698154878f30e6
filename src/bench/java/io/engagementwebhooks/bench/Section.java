package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;

/** A part of the harness that can be run alone. */
interface Section {

    void run(Plan plan, Vertx vertx, Report report) throws Exception;
}
