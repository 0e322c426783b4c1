// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/task_words.h"

namespace airframe {

const std::vector<std::string>& commonNouns() {
    static const std::vector<std::string> words = {
        "river",   "stone",  "window",  "garden",  "bread",  "paper",   "winter",  "doctor",  "island",  "bridge",
        "candle",  "forest", "letter",  "market",  "silver", "summer",  "school",  "valley",  "engine",  "bottle",
        "camera",  "circle", "coffee",  "corner",  "dinner", "family",  "finger",  "flower",  "friend",  "ground",
        "guitar",  "hammer", "kitchen", "ladder",  "leader", "lesson",  "mirror",  "money",   "morning", "mountain",
        "music",   "number", "office",  "painter", "party",  "pencil",  "planet",  "player",  "pocket",  "powder",
        "prince",  "queen",  "record",  "ribbon",  "sailor", "season",  "shadow",  "signal",  "singer",  "sister",
        "soldier", "spring", "square",  "station", "street", "student", "sugar",   "table",   "teacher", "theory",
        "ticket",  "travel", "village", "wagon",   "water",  "wheel",   "whistle", "writer",  "yard",    "zone",
        "album",   "anchor", "apron",   "artist",  "autumn", "bakery",  "basket",  "battle",  "beach",   "blanket",
        "board",   "border", "branch",  "button",  "cabin",  "carpet",  "castle",  "chapter", "church",  "cloud",
        "copper",  "cotton", "county",  "cousin",  "crowd",  "desert",  "device",  "dragon",  "dream",   "earth",
        "energy",  "fabric", "fence",   "field",   "flame",  "floor",   "glass",   "habit",   "handle",  "harbor",
        "honey",
    };
    return words;
}

const std::vector<std::string>& firstNames() {
    static const std::vector<std::string> names = {
        "Alice", "Peter",  "Maria", "David",  "Laura", "James",  "Helen", "Simon",  "Julia", "Frank",  "Emma",
        "Oscar", "Grace",  "Henry", "Nancy",  "Louis", "Sarah",  "Bruce", "Diana",  "Karl",  "Irene",  "Robert",
        "Susan", "Victor", "Anna",  "Thomas", "Clara", "George", "Ruth",  "Martin", "Jane",  "Walter",
    };
    return names;
}

const std::vector<std::string>& surnames() {
    static const std::vector<std::string> names = {
        "Carter", "Miller", "Baker", "Wood",   "Hill",  "Young", "Fisher", "Turner", "Cook",  "Parker", "Stone",
        "West",   "Mason",  "Fox",   "Green",  "Brown", "White", "Black",  "King",   "Price", "Long",   "Rice",
        "Field",  "Knight", "Marsh", "Porter", "Reed",  "Ward",  "Page",   "Hunt",   "Lane",  "Nash",
    };
    return names;
}

const std::vector<WordKind>& wordKinds() {
    static const std::vector<WordKind> kinds = {
        {"an animal", {"horse", "dog", "cat", "cow", "lion", "wolf", "mouse", "sheep", "tiger", "rabbit"}},
        {"a color", {"blue", "red", "green", "yellow", "purple", "black", "white", "pink", "brown", "gray"}},
        {"a fruit", {"apple", "banana", "lemon", "grape", "peach", "cherry", "pear", "plum", "mango", "melon"}},
        {"a tool", {"hammer", "saw", "drill", "shovel", "axe", "wrench", "knife", "rake", "chisel", "ladder"}},
        {"a country", {"France", "Japan", "Brazil", "Egypt", "Canada", "India", "Spain", "Kenya", "Norway", "Mexico"}},
        {"a month",
         {"March", "April", "July", "August", "January", "October", "June", "November", "December", "February"}},
        {"a metal", {"iron", "copper", "silver", "gold", "lead", "tin", "zinc", "steel", "nickel", "aluminum"}},
        {"a part of the body", {"hand", "foot", "nose", "elbow", "knee", "shoulder", "ear", "neck", "finger", "chin"}},
        {"a piece of clothing", {"shirt", "hat", "coat", "shoe", "glove", "sock", "scarf", "dress", "jacket", "belt"}},
        {"a musical instrument",
         {"piano", "violin", "drum", "flute", "guitar", "trumpet", "harp", "cello", "organ", "banjo"}},
    };
    return kinds;
}

}  // namespace airframe
