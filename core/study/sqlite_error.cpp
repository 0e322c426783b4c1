// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/sqlite_error.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace airframe {

Failure fromSqlite(const SQLite::Exception& exception, const std::filesystem::path& file) {
    const std::string where = file.string(), said = exception.what();
    const auto bad = [&](const std::string& what, const std::string& hint) {
        return Failure(ErrorCode::bad_input, where, what + " (" + said + ")", hint);
    };
    const auto full = [&] {
        return Failure(ErrorCode::no_room, where, "the disk is full or a size limit is reached (" + said + ")",
                       "free some space and go on; everything finished before is stored");
    };
    switch (exception.getExtendedErrorCode()) {
        case SQLITE_IOERR_WRITE:
        case SQLITE_IOERR_FSYNC:
        case SQLITE_IOERR_DIR_FSYNC:
        case SQLITE_IOERR_TRUNCATE:
        case SQLITE_IOERR_SHMSIZE:
        case SQLITE_IOERR_SHMOPEN:
        case SQLITE_IOERR_SHMMAP:
        case SQLITE_IOERR_NOMEM:
            return full();
        case SQLITE_IOERR_CORRUPTFS:
            return bad("the file system is damaged", "check the disk");
        default:
            break;
    }
    switch (exception.getErrorCode()) {
        case SQLITE_FULL:
        case SQLITE_NOMEM:
            return full();
        case SQLITE_IOERR:
            return bad("reading or writing it failed", "check the disk");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return bad("is damaged or not a study", "use a copy or the backup beside it");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return bad("another program kept it locked for longer than 10 s", "close that program or wait");
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return bad("cannot be written", "check the permissions of the file and its folder");
        case SQLITE_CANTOPEN:
            return bad("cannot be opened", "check the name and the permissions of the file and its folder");
        default:
            return Failure(ErrorCode::internal, where, said, "please report this with the study");
    }
}

}  // namespace airframe
