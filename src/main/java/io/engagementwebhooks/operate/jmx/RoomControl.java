package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** The rooms: groups of routes. */
@Described("The rooms, each a group of routes, and whether they work. A room's state: how many routes are started,"
        + " suspended, stopped")
public interface RoomControl {

    @Described("The rooms with their states")
    Map<String, Map<String, Integer>> getStates();

    @Described("Suspends a room: what it has in flight ends, and it takes nothing new. Returns its state")
    Map<String, Integer> suspend(@Described("room") String room);

    @Described("Resumes a room: those of its routes that are suspended take up work again. Returns its state")
    Map<String, Integer> resume(@Described("room") String room);

    @Described("Stops a room: what it has in flight ends, and it takes nothing new. Returns its state")
    Map<String, Integer> stop(@Described("room") String room);

    @Described("Starts a room: all of its routes that do not run take up work again. Returns its state")
    Map<String, Integer> start(@Described("room") String room);
}
