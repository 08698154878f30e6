package io.engagementwebhooks.outbox;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;

/**
 * Tracks that wait for a worker: accounts take turns, and the webhooks of an account among themselves, so that an account
 * with many webhooks gets no more turns than one with few. Guarded by the lock of {@link DueDeliveries}.
 */
final class TurnRing {

    /** In the order of their turns; each has a track at least. */
    private final Queue<Queue<Track>> turns = new ArrayDeque<>();

    private final Map<String, Queue<Track>> accounts = new HashMap<>();
    private int size;

    void add(Track track) {
        Queue<Track> tracks = accounts.get(account(track));
        if (tracks == null) {
            tracks = new ArrayDeque<>();
            accounts.put(account(track), tracks);
            turns.add(tracks);
        }
        tracks.add(track);
        size++;
    }

    /** The next in turn. @throws java.util.NoSuchElementException if there is none */
    Track remove() {
        Queue<Track> tracks = turns.remove();
        Track next = tracks.remove();
        size--;
        if (tracks.isEmpty()) {
            accounts.remove(account(next));
        } else {
            turns.add(tracks);
        }
        return next;
    }

    boolean remove(Track track) {
        Queue<Track> tracks = accounts.get(account(track));
        if (tracks == null || !tracks.remove(track)) {
            return false;
        }
        size--;
        if (tracks.isEmpty()) {
            accounts.remove(account(track));
            removeSame(tracks);
        }
        return true;
    }

    /** By identity: empty queues are not told apart by what they hold. */
    private void removeSame(Queue<Track> tracks) {
        for (Iterator<Queue<Track>> each = turns.iterator(); each.hasNext(); ) {
            if (each.next() == tracks) {
                each.remove();
                return;
            }
        }
    }

    void removeAll(Collection<Track> tracks) {
        tracks.forEach(this::remove);
    }

    void clear() {
        turns.clear();
        accounts.clear();
        size = 0;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    private static String account(Track track) {
        return track.lane().webhook().account();
    }
}
