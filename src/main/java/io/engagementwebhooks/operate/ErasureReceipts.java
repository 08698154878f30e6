package io.engagementwebhooks.operate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.api.delivery.ErasureView;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.erase.Erasure;
import io.engagementwebhooks.store.erase.ErasureRunner;
import io.engagementwebhooks.webhook.Actor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Receipts of erasures, by which {@code --erase-again} repeats them on a restored store.
 *
 * @param file holds a receipt, or a page of them, as the API showed them
 */
record ErasureReceipts(Path file) {

    private static final Actor COMMAND = new Actor(Actor.OPERATOR, null, "--erase-again");

    /**
     * Repeats the erasures that the store has no receipt of, and ends those that were interrupted.
     *
     * @return their receipts
     * @throws StoreException if the file has a fault; nothing was erased then
     */
    List<Erasure> repeat(Store store) {
        List<Erasure> done = new ArrayList<>();
        for (Erasure receipt : read()) {
            if (store.erasures().one(receipt.account(), receipt.id()).isEmpty()) {
                start(store, receipt);
            }
            done.add(run(store, receipt));
        }
        return done;
    }

    private static void start(Store store, Erasure receipt) {
        Erasure again = Erasure.starting(
                receipt.id(),
                receipt.account(),
                receipt.field(),
                receipt.digest(),
                receipt.actor(),
                receipt.createdAt(),
                store.erasures().lastEvent(receipt.account(), receipt.createdAt()));
        AuditEntry entry = new AuditEntry(
                receipt.account(),
                Instant.now(),
                COMMAND,
                "repeated",
                "erasure",
                ErasureView.PREFIX + receipt.id(),
                receipt.field());
        store.erasures().start(again, entry).toCompletableFuture().join();
    }

    private static Erasure run(Store store, Erasure receipt) {
        while (true) {
            Erasure now = store.erasures().one(receipt.account(), receipt.id()).orElseThrow();
            if (!now.isRunning() || ErasureRunner.step(store, now, () -> true)) {
                return store.erasures().one(receipt.account(), receipt.id()).orElseThrow();
            }
        }
    }

    private List<Erasure> read() {
        try {
            JsonNode json = new JsonMapper().readTree(Files.readAllBytes(file));
            List<Erasure> receipts = new ArrayList<>();
            for (JsonNode each : json.has("items") ? json.get("items") : List.of(json)) {
                receipts.add(receipt(each));
            }
            return receipts;
        } catch (IOException e) {
            throw faulty("cannot be read as JSON");
        }
    }

    private Erasure receipt(JsonNode json) {
        String id = text(json, "id");
        try {
            return Erasure.starting(
                    id.startsWith(ErasureView.PREFIX) ? id.substring(ErasureView.PREFIX.length()) : id,
                    text(json, "account"),
                    text(json, "field"),
                    text(json, "digest"),
                    text(json, "actor"),
                    Instant.parse(text(json, "createdAt")),
                    0);
        } catch (DateTimeException e) {
            throw faulty("has a receipt whose 'createdAt' is no time");
        }
    }

    private String text(JsonNode json, String member) {
        String text = json.path(member).asText("");
        if (text.isEmpty()) {
            throw faulty("has a receipt without '" + member + "'");
        }
        return text;
    }

    private StoreException faulty(String what) {
        return new StoreException(
                "the file of --erase-again " + file + " " + what + "; give what GET /v1/erasures answered", null);
    }
}
