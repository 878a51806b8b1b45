#include "store/database.h"

#include <future>

namespace kavach::store {

Result<void> Database::write_and_wait(Unit unit) {
  std::promise<Result<void>> promise;
  auto outcome = promise.get_future();
  write(std::move(unit), [&promise](Result<void> result) { promise.set_value(std::move(result)); });
  return outcome.get();
}

}  // namespace kavach::store
