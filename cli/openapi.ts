// Generated from the OpenAPI document by openapi-types.ts: do not edit.

export interface paths {
  '/account': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getAccount'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listApps'];
    put?: never;
    post: operations['createApp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getApp'];
    put?: never;
    post?: never;
    delete: operations['destroyApp'];
    options?: never;
    head?: never;
    patch: operations['changeApp'];
    trace?: never;
  };
  '/apps/{app}/actions/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['pauseApp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/actions/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['resumeApp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/addons': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listAddons'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/branch': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getBranch'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch: operations['chooseBranch'];
    trace?: never;
  };
  '/apps/{app}/build-cache': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations['purgeBuildCache'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/build-config-vars': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getBuildConfigVars'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch: operations['changeBuildConfigVars'];
    trace?: never;
  };
  '/apps/{app}/buildpack-installations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listBuildpacks'];
    put: operations['setBuildpacks'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/builds': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listBuilds'];
    put?: never;
    post: operations['createBuild'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/builds/{build}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getBuild'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/collaborators': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listCollaborators'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/config-vars': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getConfigVars'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch: operations['changeConfigVars'];
    trace?: never;
  };
  '/apps/{app}/dynos': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listDynos'];
    put?: never;
    post: operations['createDyno'];
    delete: operations['restartAll'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/dynos/{dyno}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['readDyno'];
    put?: never;
    post?: never;
    delete: operations['restartDyno'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/dynos/{dyno}/actions/attach': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['attachDyno'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/dynos/{dyno}/actions/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['stopDyno'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/dynos/{dyno}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listEventsOfDyno'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/formation': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listFormation'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch: operations['scale'];
    trace?: never;
  };
  '/apps/{app}/formations/{type}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations['restartType'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/formations/{type}/actions/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** @description Every one-off session of the app: their type is run. What belongs to the formation is not stopped. */
    post: operations['stopType'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listDynoEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/hooks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listHooks'];
    put?: never;
    post: operations['createHook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/hooks/{hook}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations['deleteHook'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/hooks/{hook}/actions/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['rotateHook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/log-archives': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listLogArchives'];
    put?: never;
    post: operations['createLogArchives'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/log-drains': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listLogDrains'];
    put?: never;
    post: operations['createLogDrain'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/log-drains/{drain}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getLogDrain'];
    put?: never;
    post?: never;
    delete: operations['deleteLogDrain'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/log-sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['createLogSession'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/pipeline-couplings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getPipelineCoupling'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/releases': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listReleases'];
    put?: never;
    post: operations['rollBack'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/releases/{version}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getRelease'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/releases/{version}/config-vars': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getReleaseConfigVars'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/apps/{app}/webhooks/{hook}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** @description Tells of a push; the body is signed with the secret of the hook. */
    post: operations['deliver'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/assets/{sha256}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getAsset'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/ca.pem': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getAuthority'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/hooks/instances/{instance}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['reportInstance'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/operations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listOperations'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/operations/{operation}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getOperation'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/operations/{operation}/actions/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['cancelOperation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/operations/{operation}/actions/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['retryOperation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/operations/{operation}/actions/skip': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['skipOperation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/operations/{operation}/actions/undo': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['undoOperation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/operations/{operation}/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['followOperation'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/recipes/{sha256}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getRecipe'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/regions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listRegions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/server-checks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listServerChecks'];
    put?: never;
    post: operations['checkServers'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/servers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listServers'];
    put?: never;
    post: operations['addServer'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/servers/{server}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getServer'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/servers/{server}/actions/provision': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['provisionServer'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sources': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['createSource'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sources/{source}/archive': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['downloadSource'];
    put: operations['uploadSource'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/stacks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listStacks'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/streams/{operation}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['readOutput'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/users/~': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['getOwnUser'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/users/~/apps': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['listOwnApps'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export interface operations {
  getAccount: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description The user that a token speaks for */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            allow_tracking: boolean;
            beta: boolean;
            country_of_residence: null;
            /** Format: date-time */
            created_at: string;
            default_organization: null;
            default_team: null;
            delinquent_at: null;
            email: string;
            federated: boolean;
            /** Format: uuid */
            id: string;
            identity_provider: null;
            last_login: string | null;
            name: string | null;
            sms_number: null;
            suspended_at: null;
            two_factor_authentication: boolean;
            /** Format: date-time */
            updated_at: string;
            verified: boolean;
          };
        };
      };
    };
  };
  listApps: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            acm: boolean;
            archived_at: string | null;
            build_stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpack_provided_description: string | null;
            /** Format: date-time */
            created_at: string;
            generation: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uri */
            git_url: string;
            /** Format: uuid */
            id: string;
            internal_routing: boolean;
            maintenance: boolean;
            /** @enum {string} */
            mode: 'serving' | 'maintenance' | 'paused';
            name: string;
            organization: null;
            owner: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            region: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            released_at: string | null;
            repo_size: number | null;
            slug_size: number | null;
            space: null;
            stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            team: null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uri */
            web_url: string;
          }[];
        };
      };
    };
  };
  createApp: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Made up when absent. */
          name?: string;
          region?: string;
          stack?: string;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An app */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            acm: boolean;
            archived_at: string | null;
            build_stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpack_provided_description: string | null;
            /** Format: date-time */
            created_at: string;
            generation: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uri */
            git_url: string;
            /** Format: uuid */
            id: string;
            internal_routing: boolean;
            maintenance: boolean;
            /** @enum {string} */
            mode: 'serving' | 'maintenance' | 'paused';
            name: string;
            organization: null;
            owner: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            region: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            released_at: string | null;
            repo_size: number | null;
            slug_size: number | null;
            space: null;
            stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            team: null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uri */
            web_url: string;
          };
        };
      };
    };
  };
  getApp: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An app */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            acm: boolean;
            archived_at: string | null;
            build_stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpack_provided_description: string | null;
            /** Format: date-time */
            created_at: string;
            generation: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uri */
            git_url: string;
            /** Format: uuid */
            id: string;
            internal_routing: boolean;
            maintenance: boolean;
            /** @enum {string} */
            mode: 'serving' | 'maintenance' | 'paused';
            name: string;
            organization: null;
            owner: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            region: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            released_at: string | null;
            repo_size: number | null;
            slug_size: number | null;
            space: null;
            stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            team: null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uri */
            web_url: string;
          };
        };
      };
    };
  };
  destroyApp: {
    parameters: {
      query?: {
        force?: 'true' | 'false';
      };
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An app */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            acm: boolean;
            archived_at: string | null;
            build_stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpack_provided_description: string | null;
            /** Format: date-time */
            created_at: string;
            generation: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uri */
            git_url: string;
            /** Format: uuid */
            id: string;
            internal_routing: boolean;
            maintenance: boolean;
            /** @enum {string} */
            mode: 'serving' | 'maintenance' | 'paused';
            name: string;
            organization: null;
            owner: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            region: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            released_at: string | null;
            repo_size: number | null;
            slug_size: number | null;
            space: null;
            stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            team: null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uri */
            web_url: string;
          };
        };
      };
    };
  };
  changeApp: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Whether visitors get a maintenance page. */
          maintenance?: boolean;
          /** @description Its own: an app keeps its name. */
          name?: string;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An app */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            acm: boolean;
            archived_at: string | null;
            build_stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpack_provided_description: string | null;
            /** Format: date-time */
            created_at: string;
            generation: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uri */
            git_url: string;
            /** Format: uuid */
            id: string;
            internal_routing: boolean;
            maintenance: boolean;
            /** @enum {string} */
            mode: 'serving' | 'maintenance' | 'paused';
            name: string;
            organization: null;
            owner: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            region: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            released_at: string | null;
            repo_size: number | null;
            slug_size: number | null;
            space: null;
            stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            team: null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uri */
            web_url: string;
          };
        };
      };
    };
  };
  pauseApp: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An app */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            acm: boolean;
            archived_at: string | null;
            build_stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpack_provided_description: string | null;
            /** Format: date-time */
            created_at: string;
            generation: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uri */
            git_url: string;
            /** Format: uuid */
            id: string;
            internal_routing: boolean;
            maintenance: boolean;
            /** @enum {string} */
            mode: 'serving' | 'maintenance' | 'paused';
            name: string;
            organization: null;
            owner: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            region: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            released_at: string | null;
            repo_size: number | null;
            slug_size: number | null;
            space: null;
            stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            team: null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uri */
            web_url: string;
          };
        };
      };
    };
  };
  resumeApp: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An app */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            acm: boolean;
            archived_at: string | null;
            build_stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpack_provided_description: string | null;
            /** Format: date-time */
            created_at: string;
            generation: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uri */
            git_url: string;
            /** Format: uuid */
            id: string;
            internal_routing: boolean;
            maintenance: boolean;
            /** @enum {string} */
            mode: 'serving' | 'maintenance' | 'paused';
            name: string;
            organization: null;
            owner: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            region: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            released_at: string | null;
            repo_size: number | null;
            slug_size: number | null;
            space: null;
            stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            team: null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uri */
            web_url: string;
          };
        };
      };
    };
  };
  listAddons: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
          }[];
        };
      };
    };
  };
  getBranch: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description The branch of an app's git repository */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            chosen: string | null;
            commit: string | null;
            /** @description Names of the branches that deploy when they are pushed. */
            deploys: string[];
            name: string | null;
          };
        };
      };
    };
  };
  chooseBranch: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          chosen: string | null;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description The branch of an app's git repository */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            chosen: string | null;
            commit: string | null;
            /** @description Names of the branches that deploy when they are pushed. */
            deploys: string[];
            name: string | null;
          };
        };
      };
    };
  };
  purgeBuildCache: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Nothing is left of it */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  getBuildConfigVars: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Names of the config vars that builds are given */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            [key: string]: true;
          };
        };
      };
    };
  };
  changeBuildConfigVars: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    /** @description false: builds are not given it any more. */
    requestBody: {
      content: {
        'application/json': {
          [key: string]: boolean;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Names of the config vars that builds are given */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            [key: string]: true;
          };
        };
      };
    };
  };
  listBuildpacks: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            buildpack: {
              name: string;
              url: string;
            };
            /** @description Its place, from 0. */
            ordinal: number;
          }[];
        };
      };
    };
  };
  setBuildpacks: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description All of them, in order; none: detected. */
          updates: {
            /** @description heroku/nodejs, https://HOST/REPOSITORY[#REF] or https://HOST/ARCHIVE.tgz */
            buildpack: string;
          }[];
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            buildpack: {
              name: string;
              url: string;
            };
            /** @description Its place, from 0. */
            ordinal: number;
          }[];
        };
      };
    };
  };
  listBuilds: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpacks:
              | {
                  name: string;
                  url: string;
                }[]
              | null;
            /** Format: date-time */
            created_at: string;
            generation: string;
            git: {
              ref: string | null;
              /** Format: uri */
              url: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** Format: uri */
            output_stream_url: string;
            release: {
              /** Format: uuid */
              id: string;
              version: number;
            } | null;
            slug: {
              /** Format: uuid */
              id: string;
            } | null;
            source_blob: {
              checksum: string | null;
              /** Format: uri */
              url: string;
              version: string | null;
              version_description: string | null;
            };
            stack: string;
            /** @enum {string} */
            status: 'failed' | 'pending' | 'succeeded';
            /** Format: date-time */
            updated_at: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
          }[];
        };
      };
    };
  };
  createBuild: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          buildpacks?:
            | {
                name?: string;
                url?: string;
              }[]
            | null;
          git?: {
            ref?: string | null;
            token?: string | null;
            /** @description https://HOST/OWNER/NAME.git */
            url: string;
          } | null;
          source_blob?: {
            checksum?: string | null;
            /**
             * @description What was uploaded is an OCI image: an image layout, or what docker save writes.
             * @enum {string}
             */
            kind?: 'image';
            /** @description The get_url of a source, or any https:// address of a tar.gz, which is then fetched. */
            url: string;
            version?: string | null;
            version_description?: string | null;
          } | null;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A build */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpacks:
              | {
                  name: string;
                  url: string;
                }[]
              | null;
            /** Format: date-time */
            created_at: string;
            generation: string;
            git: {
              ref: string | null;
              /** Format: uri */
              url: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** Format: uri */
            output_stream_url: string;
            release: {
              /** Format: uuid */
              id: string;
              version: number;
            } | null;
            slug: {
              /** Format: uuid */
              id: string;
            } | null;
            source_blob: {
              checksum: string | null;
              /** Format: uri */
              url: string;
              version: string | null;
              version_description: string | null;
            };
            stack: string;
            /** @enum {string} */
            status: 'failed' | 'pending' | 'succeeded';
            /** Format: date-time */
            updated_at: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
          };
        };
      };
    };
  };
  getBuild: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        build: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A build */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpacks:
              | {
                  name: string;
                  url: string;
                }[]
              | null;
            /** Format: date-time */
            created_at: string;
            generation: string;
            git: {
              ref: string | null;
              /** Format: uri */
              url: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** Format: uri */
            output_stream_url: string;
            release: {
              /** Format: uuid */
              id: string;
              version: number;
            } | null;
            slug: {
              /** Format: uuid */
              id: string;
            } | null;
            source_blob: {
              checksum: string | null;
              /** Format: uri */
              url: string;
              version: string | null;
              version_description: string | null;
            };
            stack: string;
            /** @enum {string} */
            status: 'failed' | 'pending' | 'succeeded';
            /** Format: date-time */
            updated_at: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
          };
        };
      };
    };
  };
  listCollaborators: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            permissions: {
              description: string;
              name: string;
            }[];
            /** @enum {string} */
            role: 'admin' | 'collaborator' | 'member' | 'owner';
            /** Format: date-time */
            updated_at: string;
            user: {
              email: string;
              federated: boolean;
              /** Format: uuid */
              id: string;
            };
          }[];
        };
      };
    };
  };
  getConfigVars: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Config vars */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            [key: string]: string;
          };
        };
      };
    };
  };
  changeConfigVars: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          [key: string]: string | null;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Config vars */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            [key: string]: string;
          };
        };
      };
    };
  };
  listDynos: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            attach_url: string | null;
            command: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            name: string;
            problem: {
              /** @enum {string} */
              code: 'H10' | 'R10' | 'R14' | 'R15';
              message: string;
            } | null;
            release: {
              /** Format: uuid */
              id: string;
              version: number;
            };
            size: string;
            /** @enum {string} */
            state: 'crashed' | 'down' | 'idle' | 'starting' | 'up';
            type: string;
            /** Format: date-time */
            updated_at: string;
          }[];
        };
      };
    };
  };
  createDyno: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          attach?: boolean | null;
          /** @description For bash, or sh in an image without it; the name of a process type means its command. */
          command: string;
          env?: {
            [key: string]: string | number;
          } | null;
          force_no_tty?: boolean | null;
          framed?: boolean | null;
          idle_seconds?: number | null;
          reattach_seconds?: number | null;
          size?: ('small' | 'medium' | 'large') | null;
          time_to_live?: number | null;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            attach_url: string | null;
            command: string;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            exit_code: number | null;
            failure: {
              hint: string | null;
              id: string;
              message: string;
            } | null;
            /** Format: uuid */
            id: string;
            name: string;
            problem: {
              /** @enum {string} */
              code: 'H10' | 'R10' | 'R14' | 'R15';
              message: string;
            } | null;
            release: {
              /** Format: uuid */
              id: string;
              version: number;
            };
            size: string;
            /** @enum {string} */
            state: 'crashed' | 'down' | 'idle' | 'starting' | 'up';
            type: string;
            /** Format: date-time */
            updated_at: string;
          };
        };
      };
    };
  };
  restartAll: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  readDyno: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Name (web.1) or id. */
        dyno: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            attach_url: string | null;
            command: string;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            exit_code: number | null;
            failure: {
              hint: string | null;
              id: string;
              message: string;
            } | null;
            /** Format: uuid */
            id: string;
            name: string;
            problem: {
              /** @enum {string} */
              code: 'H10' | 'R10' | 'R14' | 'R15';
              message: string;
            } | null;
            release: {
              /** Format: uuid */
              id: string;
              version: number;
            };
            size: string;
            /** @enum {string} */
            state: 'crashed' | 'down' | 'idle' | 'starting' | 'up';
            type: string;
            /** Format: date-time */
            updated_at: string;
          };
        };
      };
    };
  };
  restartDyno: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Name (web.1) or id. */
        dyno: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  attachDyno: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Name (web.1) or id. */
        dyno: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            attach_url: string | null;
            command: string;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            exit_code: number | null;
            failure: {
              hint: string | null;
              id: string;
              message: string;
            } | null;
            /** Format: uuid */
            id: string;
            name: string;
            problem: {
              /** @enum {string} */
              code: 'H10' | 'R10' | 'R14' | 'R15';
              message: string;
            } | null;
            release: {
              /** Format: uuid */
              id: string;
              version: number;
            };
            size: string;
            /** @enum {string} */
            state: 'crashed' | 'down' | 'idle' | 'starting' | 'up';
            type: string;
            /** Format: date-time */
            updated_at: string;
          };
        };
      };
    };
  };
  stopDyno: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Name (web.1) or id. */
        dyno: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  listEventsOfDyno: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Name (web.1) or id. */
        dyno: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            at: string;
            exit_code: number | null;
            id: string;
            instance: string;
            problem: {
              /** @enum {string} */
              code: 'H10' | 'R10' | 'R14' | 'R15';
              message: string;
            } | null;
            process: string;
            reason: string | null;
            /** Format: date-time */
            received_at: string;
            release: {
              version: number;
            };
            signal: string | null;
            /** @enum {string} */
            state: 'starting' | 'up' | 'exited' | 'crashed';
          }[];
        };
      };
    };
  };
  listFormation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            command: string;
            /** Format: date-time */
            created_at: string;
            dyno_size: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uuid */
            id: string;
            quantity: number;
            size: string;
            type: string;
            /** Format: date-time */
            updated_at: string;
          }[];
        };
      };
    };
  };
  scale: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          updates: {
            /** @description How many: 2 or "2", or by how many more or fewer: "+1", "-1". */
            quantity?: string | number;
            /** @enum {string} */
            size?: 'small' | 'medium' | 'large';
            /** @description Process type. */
            type: string;
          }[];
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            command: string;
            /** Format: date-time */
            created_at: string;
            dyno_size: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uuid */
            id: string;
            quantity: number;
            size: string;
            type: string;
            /** Format: date-time */
            updated_at: string;
          }[];
        };
      };
    };
  };
  restartType: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Process type. */
        type: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  stopType: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Process type. */
        type: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  listDynoEvents: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            at: string;
            exit_code: number | null;
            id: string;
            instance: string;
            problem: {
              /** @enum {string} */
              code: 'H10' | 'R10' | 'R14' | 'R15';
              message: string;
            } | null;
            process: string;
            reason: string | null;
            /** Format: date-time */
            received_at: string;
            release: {
              version: number;
            };
            signal: string | null;
            /** @enum {string} */
            state: 'starting' | 'up' | 'exited' | 'crashed';
          }[];
        };
      };
    };
  };
  listHooks: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            branch: string;
            /** Format: date-time */
            created_at: string;
            delivery: {
              /** Format: date-time */
              at: string;
              outcome: string;
            } | null;
            git: {
              /** Format: uri */
              url: string;
            };
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Where deliveries are sent to. */
            url: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
          }[];
        };
      };
    };
  };
  createHook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Its pushes deploy; main. */
          branch?: string;
          git: {
            token?: string | null;
            /** @description https://HOST/OWNER/NAME.git */
            url: string;
          };
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A hook and its new secret */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            branch: string;
            /** Format: date-time */
            created_at: string;
            delivery: {
              /** Format: date-time */
              at: string;
              outcome: string;
            } | null;
            git: {
              /** Format: uri */
              url: string;
            };
            /** Format: uuid */
            id: string;
            /** @description Signs deliveries. It is shown in this answer and never again. */
            secret: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Where deliveries are sent to. */
            url: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
          };
        };
      };
    };
  };
  deleteHook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        hook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A hook, by which another service deploys */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            branch: string;
            /** Format: date-time */
            created_at: string;
            delivery: {
              /** Format: date-time */
              at: string;
              outcome: string;
            } | null;
            git: {
              /** Format: uri */
              url: string;
            };
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Where deliveries are sent to. */
            url: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
          };
        };
      };
    };
  };
  rotateHook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        hook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A hook and its new secret */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            branch: string;
            /** Format: date-time */
            created_at: string;
            delivery: {
              /** Format: date-time */
              at: string;
              outcome: string;
            } | null;
            git: {
              /** Format: uri */
              url: string;
            };
            /** Format: uuid */
            id: string;
            /** @description Signs deliveries. It is shown in this answer and never again. */
            secret: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Where deliveries are sent to. */
            url: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
          };
        };
      };
    };
  };
  listLogArchives: {
    parameters: {
      query?: {
        /** @description One process (web.1) or all of a type (web). */
        process?: string;
        /** @description Only files that hold something younger. */
        since?: string;
      };
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            from: string;
            /** Format: uuid */
            id: string;
            /** @description For a file of its own; the names of a process are in the order of its lines. */
            name: string;
            /** @description web.1 */
            process: string;
            /** @description Bytes, compressed. */
            size: number;
            /** Format: date-time */
            to: string;
            /**
             * Format: uri
             * @description Where it is downloaded, zstd, without a token; for an hour.
             */
            url: string;
          }[];
        };
      };
    };
  };
  createLogArchives: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What was archived */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Servers on which files wait for the next run. */
            failed: {
              reason: string;
              server: string;
            }[];
            files: number;
            /** @description Bytes, compressed. */
            size: number;
          };
        };
      };
    };
  };
  listLogDrains: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            addon: null;
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            token: string;
            /** Format: date-time */
            updated_at: string;
            url: string;
          }[];
        };
      };
    };
  };
  createLogDrain: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description https://… or syslog+tls://host:port */
          url: string;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Where an app's lines are sent too */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            addon: null;
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            token: string;
            /** Format: date-time */
            updated_at: string;
            url: string;
          };
        };
      };
    };
  };
  getLogDrain: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Its id, its token, or its URL, percent-encoded. */
        drain: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Where an app's lines are sent too */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            addon: null;
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            token: string;
            /** Format: date-time */
            updated_at: string;
            url: string;
          };
        };
      };
    };
  };
  deleteLogDrain: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Its id, its token, or its URL, percent-encoded. */
        drain: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Where an app's lines are sent too */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            addon: null;
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            token: string;
            /** Format: date-time */
            updated_at: string;
            url: string;
          };
        };
      };
    };
  };
  createLogSession: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          dyno?: string | null;
          dyno_name?: string | null;
          lines?: number | null;
          source?: string | null;
          tail?: boolean | null;
          type?: string | null;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Where the lines are read, without credentials, as server-sent events */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            /** Format: uri */
            logplex_url: string;
            /** Format: date-time */
            updated_at: string;
          };
        };
      };
    };
  };
  getPipelineCoupling: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
    };
  };
  listReleases: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            addon_plan_names: string[];
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            artifacts: {
              /** Format: uuid */
              id: string;
              type: string;
            }[];
            /** Format: date-time */
            created_at: string;
            current: boolean;
            description: string;
            eligible_for_rollback: boolean;
            /** Format: uuid */
            id: string;
            output_stream_url: string | null;
            slug: {
              /** Format: uuid */
              id: string;
            } | null;
            /** @enum {string} */
            status: 'failed' | 'pending' | 'succeeded' | 'expired';
            /** Format: date-time */
            updated_at: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            version: number;
          }[];
        };
      };
    };
  };
  rollBack: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of the app. */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Id or number of the release to go back to. */
          release: string | number;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A release */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            addon_plan_names: string[];
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            artifacts: {
              /** Format: uuid */
              id: string;
              type: string;
            }[];
            /** Format: date-time */
            created_at: string;
            current: boolean;
            description: string;
            eligible_for_rollback: boolean;
            /** Format: uuid */
            id: string;
            output_stream_url: string | null;
            slug: {
              /** Format: uuid */
              id: string;
            } | null;
            /** @enum {string} */
            status: 'failed' | 'pending' | 'succeeded' | 'expired';
            /** Format: date-time */
            updated_at: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            version: number;
          };
        };
      };
    };
  };
  getRelease: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Number (12, v12) or id of the release. */
        version: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A release */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            addon_plan_names: string[];
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            artifacts: {
              /** Format: uuid */
              id: string;
              type: string;
            }[];
            /** Format: date-time */
            created_at: string;
            current: boolean;
            description: string;
            eligible_for_rollback: boolean;
            /** Format: uuid */
            id: string;
            output_stream_url: string | null;
            slug: {
              /** Format: uuid */
              id: string;
            } | null;
            /** @enum {string} */
            status: 'failed' | 'pending' | 'succeeded' | 'expired';
            /** Format: date-time */
            updated_at: string;
            user: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            version: number;
          };
        };
      };
    };
  };
  getReleaseConfigVars: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        /** @description Number (12, v12) or id of the release. */
        version: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Config vars */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            [key: string]: string;
          };
        };
      };
    };
  };
  deliver: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        app: string;
        hook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What a delivery came to */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            operation: {
              /** Format: uuid */
              id: string;
            } | null;
            reason: string | null;
            release: {
              version: number;
            } | null;
            /** @enum {string} */
            status: 'deploying' | 'ignored';
          };
        };
      };
      /** @description What a delivery came to */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            operation: {
              /** Format: uuid */
              id: string;
            } | null;
            reason: string | null;
            release: {
              version: number;
            } | null;
            /** @enum {string} */
            status: 'deploying' | 'ignored';
          };
        };
      };
    };
  };
  getAsset: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  getAuthority: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            status: 'ok';
          };
        };
      };
    };
  };
  reportInstance: {
    parameters: {
      query?: never;
      header?: {
        /** @description sha256=<hex HMAC-SHA256 of the body by the instance's key> */
        'dcdget-signature'?: string;
      };
      path: {
        instance: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            known: boolean;
          };
        };
      };
    };
  };
  listOperations: {
    parameters: {
      query?: {
        /** @description Name or id. */
        app?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            actor: {
              email: string;
            };
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            } | null;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            failure: {
              code: string;
              hint: string | null;
              message: string;
              output: string | null;
              step: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: 'deploy' | 'config' | 'rollback' | 'scale' | 'restart' | 'mode' | 'destroy' | 'add-server';
            release: {
              version: number;
            } | null;
            scope: string | null;
            started_at: string | null;
            /** @enum {string} */
            state:
              | 'queued'
              | 'running'
              | 'rolling-back'
              | 'needs-operator'
              | 'succeeded'
              | 'failed'
              | 'cancelled'
              | 'superseded';
            /** @description Name of the app or server. */
            subject: string;
            superseded_by: string | null;
          }[];
        };
      };
    };
  };
  getOperation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        operation: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An operation with its timeline */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            actor: {
              email: string;
            };
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            } | null;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            failure: {
              code: string;
              hint: string | null;
              message: string;
              output: string | null;
              step: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: 'deploy' | 'config' | 'rollback' | 'scale' | 'restart' | 'mode' | 'destroy' | 'add-server';
            release: {
              version: number;
            } | null;
            scope: string | null;
            started_at: string | null;
            /** @enum {string} */
            state:
              | 'queued'
              | 'running'
              | 'rolling-back'
              | 'needs-operator'
              | 'succeeded'
              | 'failed'
              | 'cancelled'
              | 'superseded';
            steps: {
              attempt: number;
              ended_at: string | null;
              next_retry_at: string | null;
              /** @description Place of the step in its operation, from 1. */
              number: number;
              output: string | null;
              reason: string | null;
              /** @description The server it ran on, '' for none. */
              server: string;
              started_at: string | null;
              /** @enum {string} */
              state: 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'undone';
              step: string;
              /** @description The instance or server the row is about, '' for the step itself. */
              subject: string;
            }[];
            /** @description Name of the app or server. */
            subject: string;
            superseded_by: string | null;
          };
        };
      };
    };
  };
  cancelOperation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        operation: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An operation with its timeline */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            actor: {
              email: string;
            };
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            } | null;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            failure: {
              code: string;
              hint: string | null;
              message: string;
              output: string | null;
              step: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: 'deploy' | 'config' | 'rollback' | 'scale' | 'restart' | 'mode' | 'destroy' | 'add-server';
            release: {
              version: number;
            } | null;
            scope: string | null;
            started_at: string | null;
            /** @enum {string} */
            state:
              | 'queued'
              | 'running'
              | 'rolling-back'
              | 'needs-operator'
              | 'succeeded'
              | 'failed'
              | 'cancelled'
              | 'superseded';
            steps: {
              attempt: number;
              ended_at: string | null;
              next_retry_at: string | null;
              /** @description Place of the step in its operation, from 1. */
              number: number;
              output: string | null;
              reason: string | null;
              /** @description The server it ran on, '' for none. */
              server: string;
              started_at: string | null;
              /** @enum {string} */
              state: 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'undone';
              step: string;
              /** @description The instance or server the row is about, '' for the step itself. */
              subject: string;
            }[];
            /** @description Name of the app or server. */
            subject: string;
            superseded_by: string | null;
          };
        };
      };
    };
  };
  retryOperation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        operation: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why: kept in the audit log. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An operation with its timeline */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            actor: {
              email: string;
            };
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            } | null;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            failure: {
              code: string;
              hint: string | null;
              message: string;
              output: string | null;
              step: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: 'deploy' | 'config' | 'rollback' | 'scale' | 'restart' | 'mode' | 'destroy' | 'add-server';
            release: {
              version: number;
            } | null;
            scope: string | null;
            started_at: string | null;
            /** @enum {string} */
            state:
              | 'queued'
              | 'running'
              | 'rolling-back'
              | 'needs-operator'
              | 'succeeded'
              | 'failed'
              | 'cancelled'
              | 'superseded';
            steps: {
              attempt: number;
              ended_at: string | null;
              next_retry_at: string | null;
              /** @description Place of the step in its operation, from 1. */
              number: number;
              output: string | null;
              reason: string | null;
              /** @description The server it ran on, '' for none. */
              server: string;
              started_at: string | null;
              /** @enum {string} */
              state: 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'undone';
              step: string;
              /** @description The instance or server the row is about, '' for the step itself. */
              subject: string;
            }[];
            /** @description Name of the app or server. */
            subject: string;
            superseded_by: string | null;
          };
        };
      };
    };
  };
  skipOperation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        operation: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why: kept in the audit log. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An operation with its timeline */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            actor: {
              email: string;
            };
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            } | null;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            failure: {
              code: string;
              hint: string | null;
              message: string;
              output: string | null;
              step: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: 'deploy' | 'config' | 'rollback' | 'scale' | 'restart' | 'mode' | 'destroy' | 'add-server';
            release: {
              version: number;
            } | null;
            scope: string | null;
            started_at: string | null;
            /** @enum {string} */
            state:
              | 'queued'
              | 'running'
              | 'rolling-back'
              | 'needs-operator'
              | 'succeeded'
              | 'failed'
              | 'cancelled'
              | 'superseded';
            steps: {
              attempt: number;
              ended_at: string | null;
              next_retry_at: string | null;
              /** @description Place of the step in its operation, from 1. */
              number: number;
              output: string | null;
              reason: string | null;
              /** @description The server it ran on, '' for none. */
              server: string;
              started_at: string | null;
              /** @enum {string} */
              state: 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'undone';
              step: string;
              /** @description The instance or server the row is about, '' for the step itself. */
              subject: string;
            }[];
            /** @description Name of the app or server. */
            subject: string;
            superseded_by: string | null;
          };
        };
      };
    };
  };
  undoOperation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        operation: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why: kept in the audit log. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description An operation with its timeline */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            actor: {
              email: string;
            };
            app: {
              /** Format: uuid */
              id: string;
              name: string;
            } | null;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
            failure: {
              code: string;
              hint: string | null;
              message: string;
              output: string | null;
              step: string;
            } | null;
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: 'deploy' | 'config' | 'rollback' | 'scale' | 'restart' | 'mode' | 'destroy' | 'add-server';
            release: {
              version: number;
            } | null;
            scope: string | null;
            started_at: string | null;
            /** @enum {string} */
            state:
              | 'queued'
              | 'running'
              | 'rolling-back'
              | 'needs-operator'
              | 'succeeded'
              | 'failed'
              | 'cancelled'
              | 'superseded';
            steps: {
              attempt: number;
              ended_at: string | null;
              next_retry_at: string | null;
              /** @description Place of the step in its operation, from 1. */
              number: number;
              output: string | null;
              reason: string | null;
              /** @description The server it ran on, '' for none. */
              server: string;
              started_at: string | null;
              /** @enum {string} */
              state: 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'undone';
              step: string;
              /** @description The instance or server the row is about, '' for the step itself. */
              subject: string;
            }[];
            /** @description Name of the app or server. */
            subject: string;
            superseded_by: string | null;
          };
        };
      };
    };
  };
  followOperation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        operation: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  getRecipe: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  listRegions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            country: string;
            /** Format: date-time */
            created_at: string;
            description: string;
            /** Format: uuid */
            id: string;
            locale: string;
            name: string;
            private_capable: boolean;
            provider: {
              name: string;
              region: string;
            };
            /** Format: date-time */
            updated_at: string;
          }[];
        };
      };
    };
  };
  listServerChecks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            at: string;
            /** @description Apps that were left alone: an operation worked on them. */
            busy: string[];
            drifts: {
              detail: string;
              error: string | null;
              /** @description instance-orphan, route-missing … */
              kind: string;
              /** @enum {string} */
              repair: 'possible' | 'waits' | 'none' | 'repaired' | 'failed';
              /** Format: date-time */
              since: string;
              subject: string;
            }[];
            reason: string | null;
            server: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** @enum {string} */
            state: 'checked' | 'unreachable';
          }[];
        };
      };
    };
  };
  checkServers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @default false */
          repair?: boolean;
          /** @description Name or id; all of them without it. */
          server?: string;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            at: string;
            /** @description Apps that were left alone: an operation worked on them. */
            busy: string[];
            drifts: {
              detail: string;
              error: string | null;
              /** @description instance-orphan, route-missing … */
              kind: string;
              /** @enum {string} */
              repair: 'possible' | 'waits' | 'none' | 'repaired' | 'failed';
              /** Format: date-time */
              since: string;
              subject: string;
            }[];
            reason: string | null;
            server: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** @enum {string} */
            state: 'checked' | 'unreachable';
          }[];
        };
      };
    };
  };
  listServers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            created_at: string;
            host: string;
            host_key_fingerprint: string;
            /** Format: uuid */
            id: string;
            /** @description How many instances hold a place on it. */
            instances: number;
            /** @description What instances may reserve together; 0 until the server was checked. */
            memory_mb: number;
            name: string;
            port: number;
            roles: ('app' | 'router' | 'build')[];
            /** @enum {string} */
            state: 'provisioning' | 'ready' | 'failed';
            /** Format: date-time */
            updated_at: string;
            user: string;
          }[];
        };
      };
    };
  };
  addServer: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          host: string;
          /** @description As the 409 host_key_unconfirmed showed it: <type> <base64>. */
          host_key?: string;
          name: string;
          /** @default 22 */
          port?: number;
          roles: ('app' | 'router' | 'build')[];
          /** @default root */
          user?: string;
        };
      };
    };
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A server */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            created_at: string;
            host: string;
            host_key_fingerprint: string;
            /** Format: uuid */
            id: string;
            /** @description How many instances hold a place on it. */
            instances: number;
            /** @description What instances may reserve together; 0 until the server was checked. */
            memory_mb: number;
            name: string;
            port: number;
            roles: ('app' | 'router' | 'build')[];
            /** @enum {string} */
            state: 'provisioning' | 'ready' | 'failed';
            /** Format: date-time */
            updated_at: string;
            user: string;
          };
        };
      };
    };
  };
  getServer: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id. */
        server: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A server */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            created_at: string;
            host: string;
            host_key_fingerprint: string;
            /** Format: uuid */
            id: string;
            /** @description How many instances hold a place on it. */
            instances: number;
            /** @description What instances may reserve together; 0 until the server was checked. */
            memory_mb: number;
            name: string;
            port: number;
            roles: ('app' | 'router' | 'build')[];
            /** @enum {string} */
            state: 'provisioning' | 'ready' | 'failed';
            /** Format: date-time */
            updated_at: string;
            user: string;
          };
        };
      };
    };
  };
  provisionServer: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id. */
        server: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description A server */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            created_at: string;
            host: string;
            host_key_fingerprint: string;
            /** Format: uuid */
            id: string;
            /** @description How many instances hold a place on it. */
            instances: number;
            /** @description What instances may reserve together; 0 until the server was checked. */
            memory_mb: number;
            name: string;
            port: number;
            roles: ('app' | 'router' | 'build')[];
            /** @enum {string} */
            state: 'provisioning' | 'ready' | 'failed';
            /** Format: date-time */
            updated_at: string;
            user: string;
          };
        };
      };
    };
  };
  createSource: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Where to upload a source */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            source_blob: {
              /**
               * Format: uri
               * @description Give this to a build.
               */
              get_url: string;
              /**
               * Format: uri
               * @description PUT the gzipped tar archive here.
               */
              put_url: string;
            };
          };
        };
      };
    };
  };
  downloadSource: {
    parameters: {
      query: {
        token: string;
      };
      header?: never;
      path: {
        source: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  uploadSource: {
    parameters: {
      query: {
        token: string;
      };
      header?: never;
      path: {
        source: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  listStacks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: date-time */
            created_at: string;
            default: boolean;
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            state: 'beta' | 'deprecated' | 'public';
            /** Format: date-time */
            updated_at: string;
          }[];
        };
      };
    };
  };
  readOutput: {
    parameters: {
      query: {
        token: string;
      };
      header?: never;
      path: {
        operation: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  getOwnUser: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description The user that a token speaks for */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            allow_tracking: boolean;
            beta: boolean;
            country_of_residence: null;
            /** Format: date-time */
            created_at: string;
            default_organization: null;
            default_team: null;
            delinquent_at: null;
            email: string;
            federated: boolean;
            /** Format: uuid */
            id: string;
            identity_provider: null;
            last_login: string | null;
            name: string | null;
            sms_number: null;
            suspended_at: null;
            two_factor_authentication: boolean;
            /** Format: date-time */
            updated_at: string;
            verified: boolean;
          };
        };
      };
    };
  };
  listOwnApps: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What went wrong */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description What went wrong */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The request's field that is wrong. */
            field?: string;
            /** @description host_key_unconfirmed: its SHA256 fingerprint. */
            fingerprint?: string;
            /** @description What the reader can do about it. */
            hint?: string;
            /** @description host_key_unconfirmed: the key that the server showed. */
            host_key?: string;
            /** @description For programs: invalid_params, not_found, unauthorized … */
            id: string;
            /** @description For people: one sentence. */
            message: string;
          };
        };
      };
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            acm: boolean;
            archived_at: string | null;
            build_stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            buildpack_provided_description: string | null;
            /** Format: date-time */
            created_at: string;
            generation: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            /** Format: uri */
            git_url: string;
            /** Format: uuid */
            id: string;
            internal_routing: boolean;
            maintenance: boolean;
            /** @enum {string} */
            mode: 'serving' | 'maintenance' | 'paused';
            name: string;
            organization: null;
            owner: {
              email: string;
              /** Format: uuid */
              id: string;
            };
            region: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            released_at: string | null;
            repo_size: number | null;
            slug_size: number | null;
            space: null;
            stack: {
              /** Format: uuid */
              id: string;
              name: string;
            };
            team: null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uri */
            web_url: string;
          }[];
        };
      };
    };
  };
}
